{{ config(materialized='table') }}
{% set names = [] %}
{% if execute %}
    {% for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') %}
        {% do names.append(node.name) %}
    {% endfor %}
{% endif %}
select
    '{{ this.identifier }}' as identifier, '{{ this.schema }}' as schema_, '{{ this }}' as this_,
    '{{ this.include(database=false) }}' as included, '{{ model.name }}' as model_name,
    '{{ model.unique_id }}' as unique_id, '{{ model.config.materialized }}' as materialized,
    '{{ target.name }}' as target_name, '{{ target.type }}' as target_type, '{{ target.schema }}' as target_schema,
    '{{ target.database }}' as target_database, {{ target.threads }} as threads,
    '{{ project_name }}' as project_, '{{ dbt_version.split(".")[0] }}' as major,
    {{ execute }} as executed, '{{ flags.FULL_REFRESH }}' as full_refresh, '{{ flags.WHICH }}' as which_,
    '{{ names | sort | join(",") }}' as models,
    '{{ adapter.quote("a b") }}' as quoted,
    '{{ api.Relation.create(database="d", schema="s", identifier="i") }}' as made,
    '{{ ref("jinja", "lists") }}' as packaged, '{{ ref("lists").identifier }}' as referred,
    '{{ ref("lists").render() }}' as rendered, '{{ ref("lists").include(schema=false, database=false) }}' as short,
    '{{ adapter.type() }}' as adapter_type, '{{ invocation_args_dict.which is defined }}' as has_args,
    '{{ thread_id is defined }}' as has_thread, '{{ run_started_at.strftime("%Y") | length }}' as year_length,
    '{{ invocation_id | length }}' as invocation, '{{ schema }}.{{ database }}' as where_
