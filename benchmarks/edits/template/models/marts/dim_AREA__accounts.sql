with activity as (

    select * from {{ ref('int_AREA__account_activity') }}

),

first_events as (

    select * from {{ ref('int_AREA__first_events') }}

)

select
    activity.*,
    first_events.first_kind,
    first_events.first_channel,
    targets.label as segment_label,
    {{ size_of('activity.amount', 2000) }} as account_size
from activity
left join first_events on first_events.account_id = activity.account_id
left join {{ ref('segment_targets') }} as targets on targets.segment = activity.segment
