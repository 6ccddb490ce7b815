{{ config(materialized='incremental', unique_key='order_date') }}

select
    order_date,
    count(*) as orders,
    sum(items) as items,
    sum(revenue) as revenue
from {{ ref('fct_orders') }}
{% if is_incremental() %}
-- Orders arrive up to three days late and are returned for two more.
where order_date >= (select max(order_date) from {{ this }}) - interval '6 days'
{% endif %}
group by order_date
