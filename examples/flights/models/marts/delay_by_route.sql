select
    flights.origin,
    flights.dest,
    coalesce(airports.airport_name, flights.dest) as destination,  -- four airports have no name in our list
    {{ delays() }}
from {{ ref('fct_flights') }} as flights
left join {{ ref('stg_airports') }} as airports on airports.airport = flights.dest
group by flights.origin, flights.dest, airports.airport_name
