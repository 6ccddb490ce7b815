select
    names.segment,
    names.label,
    count(*) as customers,
    cast(count(*) / sum(count(*)) over () as decimal(5, 4)) as share,
    cast(avg(segments.confidence) as decimal(5, 4)) as confidence,
    sum(features.revenue_last_year) as revenue_last_year
from {{ ref('segment_names') }} as names
inner join {{ ref('customer_segments') }} as segments on segments.segment = names.segment
inner join {{ ref('customer_features') }} as features on features.customer_id = segments.customer_id
group by names.segment, names.label
