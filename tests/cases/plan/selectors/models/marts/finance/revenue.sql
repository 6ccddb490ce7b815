{{ config(materialized='incremental', tags=['daily'], enabled=true) }}
select o.order_id, c.customer_id from {{ ref('orders') }} o join {{ ref('customers') }} c on true
