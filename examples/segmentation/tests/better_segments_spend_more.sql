-- The names of the segments mean what they say: each has spent more per head than the next.
with spent as (
    select
        segments.segment,
        avg(features.revenue_last_year) as per_head
    from {{ ref('customer_segments') }} as segments
    inner join {{ ref('customer_features') }} as features on features.customer_id = segments.customer_id
    group by segments.segment
)

select better.segment, better.per_head, lesser.segment as lesser_segment, lesser.per_head as lesser_per_head
from spent as better
inner join spent as lesser
    on (better.segment, lesser.segment) in (('high_value', 'medium_value'), ('medium_value', 'low_value'))
where better.per_head <= lesser.per_head
