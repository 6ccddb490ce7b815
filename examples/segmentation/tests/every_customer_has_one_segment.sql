-- The sizes of the segments add up to the number of customers.
with sizes as (
    select sum(customers) as in_segments
    from {{ ref('segment_summary') }}
),

everyone as (
    select count(*) as customers
    from {{ ref('stg_customers') }}
)

select sizes.in_segments, everyone.customers
from sizes
cross join everyone
where sizes.in_segments is distinct from everyone.customers
