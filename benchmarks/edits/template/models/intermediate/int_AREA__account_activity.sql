with events as (

    select
        account_id,
        count(*) as event_count,
        sum(amount) as amount,
        min(happened_on) as first_day,
        max(happened_on) as last_day
    from {{ ref('int_AREA__events_valued') }}
    group by account_id

)

select
    accounts.account_id,
    accounts.account_name,
    accounts.country_code,
    accounts.segment,
    accounts.created_at,
    coalesce(events.event_count, 0) as event_count,
    coalesce(events.amount, 0) as amount,
    events.first_day,
    events.last_day
from {{ ref('int_AREA__accounts_named') }} as accounts
left join events on events.account_id = accounts.account_id
