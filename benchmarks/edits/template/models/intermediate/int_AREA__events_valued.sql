with events as (

    select * from {{ ref('stg_AREA__events') }}

),

lines as (

    select
        event_id,
        count(*) as line_count,
        sum(quantity) as quantity,
        sum(line_amount) as lines_amount
    from {{ ref('stg_AREA__lines') }}
    group by event_id

)

select
    events.event_id,
    events.account_id,
    events.event_kind,
    events.event_status,
    events.channel,
    events.happened_at,
    events.happened_on,
    events.amount,
    coalesce(lines.line_count, 0) as line_count,
    coalesce(lines.quantity, 0) as quantity,
    coalesce(lines.lines_amount, 0) as lines_amount,
    {{ size_of('events.amount') }} as event_size
from events
left join lines on lines.event_id = events.event_id
where events.event_status <> 'lost'
