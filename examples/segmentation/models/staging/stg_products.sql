with latest as (
    {{ latest(source('raw', 'products'), key='product_id', by='updated_at') }}
)

select
    product_id,
    {{ tidy('name') }} as product_name,
    lower(category) as category,
    cast(replace(replace(price, ' EUR', ''), ',', '.') as decimal(10, 2)) as list_price
from latest
