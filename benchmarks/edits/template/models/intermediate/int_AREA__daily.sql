select
    happened_on,
    happened_month,
    region,
    count(*) as event_count,
    count(distinct account_id) as account_count,
    sum(amount) as amount,
    sum(case when event_kind = 'refund' then amount else 0 end) as refunded
from {{ ref('int_AREA__events_enriched') }}
where event_kind <> 'visit'
    and amount > 0
group by happened_on, happened_month, region
