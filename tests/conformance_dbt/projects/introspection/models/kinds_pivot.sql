{{ config(materialized='table') }}
{% set rows = run_query('select kind, weight from ' ~ ref('kinds') ~ ' order by weight') %}
{% if execute %}
select
    {% for row in rows %}{{ row['weight'] }} as {{ row['kind'] }}, {% endfor %}
    {{ rows.columns[1].values() | sum }} as total, '{{ rows.column_names | join(",") }}' as names,
    {{ rows | length }} as n
{% else %}
select 1 as placeholder
{% endif %}
