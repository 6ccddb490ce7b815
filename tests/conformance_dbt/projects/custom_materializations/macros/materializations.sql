{% materialization counted_table, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if existing is not none %}{{ adapter.drop_relation(existing) }}{% endif %}
    {% call statement('main') -%}
        create table {{ target_relation }} as
        select *, count(*) over () as n, '{{ config.get("word", "none") }}' as word from ({{ sql }}) as counted
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization growing, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = adapter.get_relation(this.database, this.schema, this.identifier) -%}
    {% if existing is none %}
        {% call statement('main') -%}{{ create_table_as(False, target_relation, sql) }}{%- endcall %}
    {% else %}
        {% call statement('main') -%}
            insert into {{ target_relation }} select * from ({{ sql }}) as fresh
            where not exists (select 1 from {{ target_relation }} as old where old.id = fresh.id)
        {%- endcall %}
    {% endif %}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
