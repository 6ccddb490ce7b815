{{ config(materialized='table') }}
-- depends_on: {{ ref('all_of_it') }}
{% set columns = adapter.get_columns_in_relation(ref('all_of_it')) %}
{% for c in columns %}
select {{ loop.index }} as n, '{{ c.name }}' as name, '{{ c.dtype }}' as dtype, '{{ c.data_type }}' as data_type, '{{ c.char_size }}' as size_,
    '{{ c.numeric_precision if c.is_numeric() else "" }} {{ c.numeric_scale if c.is_numeric() else "" }}' as digits,
    '{{ c.is_string() }} {{ c.is_number() }} {{ c.is_integer() }} {{ c.is_float() }} {{ c.is_numeric() }}' as kinds {{ 'union all' if not loop.last }}
{% else %}
select 1 as n
{% endfor %}
