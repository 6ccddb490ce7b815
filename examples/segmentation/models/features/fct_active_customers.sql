-- A customer is active who has ordered within the last week.
select
    customers.customer_id,
    max(orders.order_date) as last_order_date,
    coalesce(max(orders.order_date) > max(as_of.as_of_date) - interval '7 days', false) as is_active
from {{ ref('stg_customers') }} as customers
cross join {{ ref('as_of') }} as as_of
left join {{ ref('fct_orders') }} as orders on orders.customer_id = customers.customer_id
group by customers.customer_id
