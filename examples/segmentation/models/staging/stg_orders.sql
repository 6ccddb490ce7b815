with latest as (
    {{ latest(source('raw', 'orders'), key='order_id', by='updated_at') }}
)

select
    order_id,
    nullif(customer_id, 0) as customer_id,  -- 0 is what tills and guests send
    coalesce(customer_id = 0, false) as is_guest,
    {{ parse_moment('ordered_at') }} as ordered_at,
    cast({{ parse_moment('ordered_at') }} as date) as order_date,
    lower(trim(status)) as status,
    lower(trim(channel)) as channel,
    discount_code is not null as is_discounted
from latest
