select
    concat_ws('-', make_date(year, month, day), carrier, flight, origin) as flight_id,
    make_date(year, month, day) as flight_date,
    time_hour at time zone 'UTC' as departure_hour,
    hour as local_hour,
    carrier,
    flight as flight_number,
    tailnum,
    origin,
    dest,
    distance as distance_miles,
    {{ on_the_clock('sched_dep_time') }} as scheduled_minute,
    {{ on_the_clock('dep_time') }} as departed_minute,
    {{ on_the_clock('arr_time') }} as arrived_minute,
    dep_delay as departure_delay,
    arr_delay as arrival_delay,
    air_time as air_minutes,
    case
        when dep_time is null then 'cancelled'
        when arr_delay is null then 'diverted'  -- left, but did not arrive where and when it should
        else 'flown'
    end as outcome
from {{ source('raw', 'flights') }}
