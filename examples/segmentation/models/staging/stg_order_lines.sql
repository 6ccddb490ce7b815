with latest as (
    {{ latest(source('raw', 'order_lines'), key='line_id', by='batch_id') }}
)

select
    line_id,
    order_id,
    line_number,
    product_id,
    quantity,
    cast(quantity * unit_price as decimal(12, 2)) as amount
from latest
