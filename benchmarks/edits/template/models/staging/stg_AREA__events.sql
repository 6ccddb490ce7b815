-- what happened, without drafts
with source as (

    select * from {{ source('AREA', 'AREA_events') }}

)

select
    id as event_id,
    account_id,
    kind as event_kind,
    {{ in_units('amount_cents') }} as amount,
    happened_at,
    cast(happened_at as date) as happened_on,
    status as event_status,
    channel,
    note
from source
where happened_at >= cast('{{ var("first_day") }}' as timestamp)
    and status <> 'draft'
