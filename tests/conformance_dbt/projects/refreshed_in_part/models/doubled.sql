select *, id * 2 as twice from {{ ref('staged') }}
