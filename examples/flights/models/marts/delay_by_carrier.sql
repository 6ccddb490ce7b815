select
    airlines.carrier,
    airlines.airline,
    {{ delays() }}
from {{ ref('fct_flights') }} as flights
inner join {{ ref('stg_airlines') }} as airlines on airlines.carrier = flights.carrier
group by airlines.carrier, airlines.airline
