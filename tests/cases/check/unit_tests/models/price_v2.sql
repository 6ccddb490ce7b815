select id, amount * 100 as price from {{ ref('stg') }}
