-- Every flight with the weather it left in and the aircraft that flew it, as far as both are known.
select
    flights.flight_id,
    flights.flight_date,
    flights.departure_hour,
    flights.local_hour,
    flights.carrier,
    flights.tailnum,
    flights.origin,
    flights.dest,
    flights.distance_miles,
    flights.air_minutes,
    flights.departure_delay,
    flights.arrival_delay,
    flights.outcome,
    coalesce(flights.arrival_delay > {{ var('late_after_minutes') }}, false) as is_late,
    weather.wind_mph,
    weather.rain_inches,
    weather.visibility_miles,
    2013 - planes.built_in as aircraft_age
from {{ ref('stg_flights') }} as flights
left join {{ ref('stg_planes') }} as planes on planes.tailnum = flights.tailnum
left join {{ ref('stg_weather') }} as weather
    on weather.origin = flights.origin
    and weather.report_hour = flights.departure_hour
