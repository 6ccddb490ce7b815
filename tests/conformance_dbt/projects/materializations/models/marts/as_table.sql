select count(*) as n, min(name) as first_name from {{ ref('odd_twice') }}
