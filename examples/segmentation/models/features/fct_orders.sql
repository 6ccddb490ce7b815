select
    orders.order_id,
    orders.customer_id,
    orders.order_date,
    orders.channel,
    orders.status,
    orders.is_discounted,
    totals.items,
    totals.amount,
    cast(
        case
            when orders.status <> 'paid' then 0
            when orders.is_discounted then totals.amount * 0.9
            else totals.amount
        end as decimal(12, 2)
    ) as revenue
from {{ ref('stg_orders') }} as orders
inner join {{ ref('order_totals') }} as totals on totals.order_id = orders.order_id
