select
    products.product_id,
    products.product_name,
    products.category,
    products.list_price,
    count(lines.line_id) as order_lines,
    coalesce(sum(lines.quantity), 0) as items,
    coalesce(sum(lines.amount), 0) as amount
from {{ ref('stg_products') }} as products
left join {{ ref('stg_order_lines') }} as lines on lines.product_id = products.product_id
group by products.product_id, products.product_name, products.category, products.list_price
