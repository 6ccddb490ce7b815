with latest as (
    {{ latest(source('raw', 'web_events'), key='session_id', by='file_name') }}
)

select
    session_id,
    customer_id,
    started_at at time zone 'UTC' as started_at,
    cast(started_at at time zone 'UTC' as date) as session_date,
    lower(device) as device,
    source as traffic_source,
    pages,
    seconds,
    added_to_cart
from latest
where user_agent not like 'crawler%'
