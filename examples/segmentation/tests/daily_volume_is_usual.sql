-- Each of the last days has between 60 and 160 percent of the orders of the four weeks before it.
with daily as (
    select order_date, count(*) as orders
    from {{ ref('stg_orders') }}
    group by order_date
),

compared as (
    select
        order_date,
        orders,
        avg(orders) over (order by order_date rows between 28 preceding and 1 preceding) as usual,
        max(order_date) over () as last_date
    from daily
)

select order_date, orders, usual
from compared
where order_date > last_date - interval '14 days'
    and (orders < 0.6 * usual or orders > 1.6 * usual)
