select id, name from {{ source('raw', 't') }}
