select * from {{ source('lake', 'events_eu') }}
