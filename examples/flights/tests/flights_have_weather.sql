-- Weather stations miss an hour now and then: 1,556 flights left without a report, and it may not get worse.
{{ config(severity='error', warn_if='> 0', error_if='> 1556') }}

select flight_id, origin, departure_hour
from {{ ref('fct_flights') }}
where visibility_miles is null
