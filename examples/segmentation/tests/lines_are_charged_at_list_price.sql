-- In the last week, no more than one line in fifty of a day is charged 5 percent beside the catalogue; a price that
-- has changed since takes a few.
with charged as (
    select
        orders.order_date,
        max(orders.order_date) over () as last_day,
        abs(lines.amount - lines.quantity * products.list_price) > 0.05 * lines.quantity * products.list_price as is_beside
    from {{ ref('stg_order_lines') }} as lines
    inner join {{ ref('stg_orders') }} as orders on orders.order_id = lines.order_id
    inner join {{ ref('stg_products') }} as products on products.product_id = lines.product_id
)

select order_date, avg(cast(is_beside as integer)) as share_beside
from charged
where order_date > last_day - interval '7 days'
group by order_date
having avg(cast(is_beside as integer)) > 0.02
