select
    cast(day as date) as day,
    {{ month_of('day') }} as month,
    {{ weekday_of('day') }} as weekday,
    holidays.holiday_name
from generate_series(timestamp '2025-01-01', timestamp '2025-12-31', interval 1 day) as days(day)
left join {{ ref('holidays') }} as holidays on holidays.holiday = cast(days.day as date)
