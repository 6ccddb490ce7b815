-- Joining planes, airports and weather neither loses nor repeats a flight.
with counted as (
    select
        (select count(*) from {{ ref('stg_flights') }}) as staged,
        (select count(*) from {{ ref('fct_flights') }}) as joined,
        (select sum(flights) from {{ ref('delay_by_carrier') }}) as by_carrier
)

select staged, joined, by_carrier
from counted
where staged <> joined or staged <> by_carrier
