-- The category each customer has spent most on.
with spent as (
    select
        orders.customer_id,
        products.category,
        sum(lines.amount) as amount
    from {{ ref('stg_order_lines') }} as lines
    inner join {{ ref('stg_orders') }} as orders on orders.order_id = lines.order_id
    inner join {{ ref('stg_products') }} as products on products.product_id = lines.product_id
    where orders.customer_id is not null
    group by orders.customer_id, products.category
)

select customer_id, category as favourite_category
from spent
qualify row_number() over (partition by customer_id order by amount desc, category) = 1
