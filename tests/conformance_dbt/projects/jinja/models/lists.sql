{{ config(materialized='table') }}
select
{%- for column in described(columns_of('order')) %}
    {{ column.position }} as {{ column['name'] }}{% if not column.last %},{% endif %}
{%- endfor %}
