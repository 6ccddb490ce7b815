-- depends_on: {{ ref('base') }}
{% set s = stmt() %}
select $${{ s["data"] }}$$ d, '{{ s.data[0][0] if execute }}' d0, '{{ s.table.columns[0].name if execute }}' t, '{{ s.response }}' r
