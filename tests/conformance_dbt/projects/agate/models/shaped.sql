{{ config(materialized='table') }}
{%- set table = run_query("select 1 as id, 'a' as kind, 2.5 as n, date '2026-01-02' as day, null as nothing, true as flag, 'x' as count union all select 2, 'b', 3.5, date '2026-01-03', null, false, 'y' order by 1") -%}
{%- if execute -%}
select
    {% for row in table -%}
    {{ row.id }} as {{ row.kind }}_id, {{ row['n'] }} as {{ row[1] }}_n, '{{ row.day }}' as {{ row.kind }}_day, {{ row.flag }} as {{ row.kind }}_flag,
    '{{ row.nothing is none }}' as {{ row.kind }}_nothing, {{ row.values() | list | length }} as {{ row.kind }}_width,
    {% endfor -%}
    {{ table.columns['n'].values() | sum }} as total, {{ table.columns[0].values() | max }} as biggest,
    '{{ table.column_names | join(",") }}' as names, {{ table.rows | length }} as rows_,
    '{{ table.columns | map(attribute="name") | join("/") }}' as column_names,
    '{{ table.rows[1]["kind"] }}' as second, {{ table | length }} as len,
    '{% for value in table.columns["kind"] %}{{ value }}{% endfor %}' as walked, '{{ table.columns["kind"][0] }}' as first_,
    '{{ table.rows[0].dict()["kind"] }}' as as_dict, '{{ table.rows[0].keys() | list | first }}' as key_
{%- else -%}
select 1 as a
{%- endif -%}
