-- depends_on: {{ ref('revenue') }}
{{ config(enabled=var('with_report', true)) }}
select r.customer_id, r.sum_amount, c.country, latest.amount
from {{ ref('revenue') }} as r
left join {{ ref('stg_customers') }} as c using (customer_id)
left join {{ ref('orders') }} as latest on latest.order_id = r.orders
