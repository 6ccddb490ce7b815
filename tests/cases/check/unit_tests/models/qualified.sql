select stg.id from {{ ref('stg') }}
