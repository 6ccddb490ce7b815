{{ config(materialized='incremental', unique_key='flight_date') }}

select
    flight_date,
    count(*) as flights,
    count(*) filter (where outcome = 'cancelled') as cancelled,
    cast(count(*) filter (where outcome = 'cancelled') / count(*) as decimal(5, 4)) as cancelled_share
from {{ ref('fct_flights') }}
{% if is_incremental() %}
where flight_date >= (select max(flight_date) from {{ this }})
{% endif %}
group by flight_date
