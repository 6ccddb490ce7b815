select
    changes.state,
    labels.label,
    count(*) as change_count,
    max(changes.changed_at) as last_at
from {{ ref('int_AREA__state_changes') }} as changes
left join {{ ref('status_labels') }} as labels on labels.status = changes.state
group by changes.state, labels.label
