select
    origin,
    local_hour,
    {{ delays() }}
from {{ ref('fct_flights') }}
group by origin, local_hour
