-- Good customers who have gone quiet: somebody should call them.
{{ config(materialized='view') }}

select
    customers.customer_id,
    customers.full_name,
    customers.segment,
    rfm.recency_days,
    rfm.revenue_last_year
from {{ ref('customers_360') }} as customers
inner join {{ ref('customer_rfm') }} as rfm on rfm.customer_id = customers.customer_id
where customers.segment in ('high_value', 'medium_value')
    and rfm.recency_days between 45 and {{ var('lapsed_after_days') }}
