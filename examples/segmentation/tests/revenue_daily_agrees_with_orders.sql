-- What was added up day by day is what the orders say today.
with from_orders as (
    select order_date, sum(revenue) as revenue
    from {{ ref('fct_orders') }}
    group by order_date
)

select from_orders.order_date, from_orders.revenue, daily.revenue as revenue_daily
from from_orders
left join {{ ref('revenue_daily') }} as daily on daily.order_date = from_orders.order_date
where daily.revenue is distinct from from_orders.revenue
