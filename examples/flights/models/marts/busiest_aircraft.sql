-- The hundred aircraft that left New York most often.
select
    flights.tailnum,
    planes.manufacturer,
    planes.model,
    planes.seats,
    count(*) as flights,
    sum(flights.distance_miles) as miles,
    sum(flights.air_minutes) as air_minutes
from {{ ref('fct_flights') }} as flights
left join {{ ref('stg_planes') }} as planes on planes.tailnum = flights.tailnum
where flights.outcome = 'flown'
group by flights.tailnum, planes.manufacturer, planes.model, planes.seats
order by flights desc, flights.tailnum
limit 100
