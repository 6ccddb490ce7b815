select
    targets.segment,
    targets.label,
    targets.target,
    count(accounts.account_id) as account_count,
    coalesce(sum(accounts.amount), 0) as amount,
    coalesce(sum(accounts.amount), 0) >= targets.target as is_reached
from {{ ref('segment_targets') }} as targets
left join {{ ref('int_AREA__account_activity') }} as accounts on accounts.segment = targets.segment
where targets.target > 0
group by targets.segment, targets.label, targets.target
