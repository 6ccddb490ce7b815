select
    dates.weekday,
    count(dates.holiday_name) as holiday_events,
    count(*) as event_count,
    sum(events.amount) as amount
from {{ ref('int_all__events') }} as events
join {{ ref('dim_dates') }} as dates on dates.day = events.happened_on
group by dates.weekday
