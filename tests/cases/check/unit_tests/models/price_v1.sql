select id, amount as price from {{ ref('stg') }}
