{{ config(materialized='table') }}
select
    {% for method in column_values(source('raw', 'payments'), 'method') -%}
    sum(case when method = '{{ method }}' then amount else 0 end) as {{ method }}_amount,
    {% endfor -%}
    count(*) as n
from {{ source('raw', 'payments') }}
