{% materialization drop_create, default %}
  {%- set identifier = model['alias'] -%}
  {%- set old_relation = adapter.get_relation(database=database, schema=schema, identifier=identifier) -%}
  {%- set target_relation = api.Relation.create(database=database, schema=schema, identifier=identifier, type='table') -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {% if old_relation is not none %}{% do adapter.drop_relation(old_relation) %}{% endif %}
  {% call statement('main') -%}
    {{ get_create_table_as_sql(False, target_relation, sql) }}
  {%- endcall %}
  {% do persist_docs(target_relation, model) %}
  {% do create_indexes(target_relation) %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {% do adapter.commit() %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization append_log, default %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {{ run_hooks(pre_hooks) }}
  {% if existing is none or should_full_refresh() %}
    {{ drop_relation_if_exists(existing) }}
    {% call statement('main') %}{{ create_table_as(False, target_relation, sql) }}{% endcall %}
  {% else %}
    {% set tmp = make_temp_relation(this) %}
    {% do run_query(create_table_as(True, tmp, sql)) %}
    {% set cols = adapter.get_columns_in_relation(existing) %}
    {% call statement('main') %}{{ get_insert_into_sql(target_relation, tmp, cols) }}{% endcall %}
    {% do adapter.drop_relation(tmp.incorporate(type='table')) %}
  {% endif %}
  {{ run_hooks(post_hooks) }}
  {% do adapter.commit() %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization my_view, default %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {% if existing is not none %}{{ log(existing.type) }}{% endif %}
  {% if existing is not none and existing.is_view %}
    {% call statement('main') %}create or replace view {{ target_relation }} as ({{ sql }}){% endcall %}
  {% else %}
    {{ drop_relation_if_exists(existing) }}
    {% call statement('main') %}{{ get_create_view_as_sql(target_relation, sql) }}{% endcall %}
  {% endif %}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing)) %}
  {% do adapter.commit() %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization both, default %}
  {{ exceptions.raise_compiler_error('the adapter has one of its own') }}
{% endmaterialization %}
{% materialization both, adapter='duckdb', supported_languages=['sql'] %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {{ drop_relation_if_exists(load_relation(this)) }}
  {% call statement('main') %}{{ create_table_as(False, target_relation, 'select *, \'duckdb\' as picked from (' ~ sql ~ ')') }}{% endcall %}
  {% do adapter.commit() %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro columns_wanted(relation) %}{% set found = {} %}{% for c in adapter.get_columns_in_relation(relation) %}{% do found.update({c.name: c.data_type}) %}{% endfor %}{{ return(found) }}{% endmacro %}
{% macro each_of(items) %}{% for i in items %}{{ caller(i, loop.last) }}{% endfor %}{% endmacro %}
{% macro shown(items) %}{% call(i, last) each_of(items) %}{% call(j, l) each_of([i]) %}"{{ j }}"::varchar as "{{ j }}_text"{% endcall %}{{ ',' if not last }}{% endcall %}{% endmacro %}
{% materialization chained, default %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set inter = make_intermediate_relation(target_relation) -%}
  {{ drop_relation_if_exists(load_cached_relation(inter)) }}
  {{ drop_relation_if_exists(load_cached_relation(this)) }}
  {% call statement('pre') %}{{ create_table_as(False, inter, sql) }}{% endcall %}
  {% set cols = columns_wanted(inter) %}
  {% set n = run_query('select count(*) as n, max(amount) as m from ' ~ inter).rows[0] %}
  {% call statement('main') %}
    create table {{ target_relation }} as select {{ shown(cols.keys() | list) }}, {{ n.n }} as total, {{ n['m'] }} as top, '{{ cols.values() | join("|") }}' as types from {{ inter }}
  {% endcall %}
  {% do adapter.drop_relation(inter.incorporate(type='table')) %}
  {% do adapter.commit() %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization swapped, default %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
  {%- set backup_relation_type = 'table' if existing_relation is none else existing_relation.type -%}
  {%- set backup_relation = make_backup_relation(target_relation, backup_relation_type) -%}
  {%- set old_count = run_query('select count(*) from ' ~ existing_relation).columns[0].values()[0] if existing_relation else 0 -%}
  {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}
  {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {% call statement('main') -%}
    {{ get_create_table_as_sql(False, intermediate_relation, 'select *, ' ~ old_count ~ ' as rows_before from (' ~ sql ~ ')') }}
  {%- endcall %}
  {% if existing_relation is not none %}{{ adapter.rename_relation(existing_relation, backup_relation) }}{% endif %}
  {{ adapter.rename_relation(intermediate_relation, target_relation) }}
  {% do create_indexes(target_relation) %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% set should_revoke = should_revoke(existing_relation, full_refresh_mode=True) %}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke) %}
  {% do persist_docs(target_relation, model) %}
  {{ drop_relation_if_exists(backup_relation) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {% do adapter.commit() %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization table, adapter='duckdb' %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {{ drop_relation_if_exists(load_relation(this)) }}
  {% call statement('main') %}{{ create_table_as(False, target_relation, 'select *, \'mine\' as made_by from (' ~ compiled_code ~ ')') }}{% endcall %}
  {% do adapter.commit() %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
{% materialization incremental, default %}{{ exceptions.raise_compiler_error('the built-in one is for the adapter') }}{% endmaterialization %}
