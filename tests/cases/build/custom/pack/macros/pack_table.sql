{% materialization pack_table, default %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set existing = load_cached_relation(this) -%}
  {{ drop_relation_if_exists(existing) }}
  {% call statement('main') -%}
    {{ create_table_as(False, target_relation, pack.wrapped(sql)) }}
  {%- endcall %}
  {% do adapter.commit() %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
{% macro wrapped(sql) %}select *, 'pack' as made_by from ({{ sql }}){% endmacro %}
{% materialization view, default %}
  {{ exceptions.raise_compiler_error('a package may not replace view') }}
{% endmaterialization %}
