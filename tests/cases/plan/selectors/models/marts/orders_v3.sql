select order_id, customer_id, 1 as n from {{ ref('stg_orders') }}
