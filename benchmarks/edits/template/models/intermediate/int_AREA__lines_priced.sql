with lines as (

    select * from {{ ref('stg_AREA__lines') }}

),

items as (

    select * from {{ ref('stg_AREA__items') }}

)

select
    lines.event_id,
    lines.line_no,
    lines.item_id,
    items.item_name,
    items.category,
    lines.quantity,
    lines.unit_price,
    lines.line_amount,
    {{ discounted('lines.line_amount', 5) }} as discounted_amount,
    items.list_price - lines.unit_price as price_gap,
    lag(lines.unit_price) over (partition by lines.item_id order by lines.event_id, lines.line_no) as price_before
from lines
inner join items on items.item_id = lines.item_id
