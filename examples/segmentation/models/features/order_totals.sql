{{ config(materialized='ephemeral') }}

select
    order_id,
    count(*) as order_lines,
    sum(quantity) as items,
    sum(amount) as amount
from {{ ref('stg_order_lines') }}
group by order_id
