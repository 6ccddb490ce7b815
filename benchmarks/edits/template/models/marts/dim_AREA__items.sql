with sold as (

    select item_id, sum(quantity) as quantity, sum(discounted_amount) as amount, max(price_gap) as gap_max
    from {{ ref('int_AREA__lines_priced') }}
    group by item_id

)

select
    items.item_id,
    items.item_name,
    items.category,
    items.list_price,
    coalesce(sold.quantity, 0) as quantity,
    coalesce(sold.amount, 0) as amount,
    sold.gap_max
from {{ ref('stg_AREA__items') }} as items
left join sold on sold.item_id = items.item_id
where items.is_active
