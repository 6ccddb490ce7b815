-- Recency, frequency and monetary value over the last year.
select
    orders.customer_id,
    date_diff('day', max(orders.order_date), max(as_of.as_of_date)) as recency_days,
    count(*) filter (where orders.order_date > as_of.as_of_date - interval '365 days') as orders_last_year,
    coalesce(
        sum(orders.revenue) filter (where orders.order_date > as_of.as_of_date - interval '365 days'), 0
    ) as revenue_last_year
from {{ ref('fct_orders') }} as orders
cross join {{ ref('as_of') }} as as_of
where orders.customer_id is not null
group by orders.customer_id
