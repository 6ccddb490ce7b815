select
    case
        when visibility_miles is null then 'not reported'
        when visibility_miles < 2 then 'fog'
        when rain_inches > 0.1 then 'heavy rain'
        when rain_inches > 0 then 'rain'
        when wind_mph > 20 then 'windy'
        else 'fair'
    end as weather,
    {{ delays() }}
from {{ ref('fct_flights') }}
group by 1
