select
    origin,
    time_hour at time zone 'UTC' as report_hour,
    temp as temperature_f,
    case when wind_speed <= 100 then wind_speed end as wind_mph,  -- one report says 1,048
    precip as rain_inches,
    visib as visibility_miles
from {{ source('raw', 'weather') }}
