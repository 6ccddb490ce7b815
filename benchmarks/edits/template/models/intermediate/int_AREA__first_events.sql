select
    account_id,
    event_id as first_event_id,
    event_kind as first_kind,
    channel as first_channel,
    happened_on as first_on
from {{ ref('int_AREA__events_valued') }}
where amount > 0
qualify row_number() over (partition by account_id order by happened_at, event_id) = 1
