{{ config(materialized='ephemeral') }}
select c.id as customer_id, c.name, n.name as country
from {{ source('raw', 'customers') }} as c
left join {{ ref('everything', 'countries') }} as n on n.code = c.country
