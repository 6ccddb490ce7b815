select a, 2 as b from {{ ref('a') }}
