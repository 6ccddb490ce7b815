{{ config(alias='orders_now', meta={'reviewed': true}) }}
select order_id, amount, due_on from {{ ref('stg_orders') }}
