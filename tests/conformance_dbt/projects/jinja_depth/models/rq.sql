{% set q %}select id, name, amt, d, l, null as n, true as b, 1.0::float8 as f from {{ ref('base') }} union all select 2, 'y', null, null, null, null, null, 2.5{% endset %}
{% set r = run_query(q) %}
{% if execute %}
select $${{ r.columns[0].values() }}$$ c0, $${{ r.columns[1].values() }}$$ c1, $${{ r.columns["amt"].values() }}$$ c2, $${{ r.columns.keys() }}$$ as k, $${{ r.rows[0] }}$$ r0, $${{ r.rows | length }}$$ n, $${{ r.rows[0]["amt"] }}$$ amt, $${{ r[0].d if false else r.rows[0][3] }}$$ d, $${{ r.rows[0].values() }}$$ v, $${{ r.rows[0].dict() | list | join(",") }}$$ as dk, $${% for row in r %}{{ row.name }}{{ row['id'] + 1 }}{% endfor %}$$ as it, $${{ r.column_names }}$$ cn, $${{ r.rows[1] | list }}$$ r1, $${{ r.columns[7].values() }}$$ f, $${{ r.columns[0].values() | sum }}$$ s, $${{ r.columns[4].values() }}$$ l, $${{ r.columns[6].values() }}$$ b, $${{ dbt_utils_like(r) }}$$ x, $${{ r.rows.keys() }}$$ rk
{% else %}select 1{% endif %}
