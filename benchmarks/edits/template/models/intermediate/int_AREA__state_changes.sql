select account_id, created_at as changed_at, 'created' as state, cast(null as integer) as event_id
from {{ ref('stg_AREA__accounts') }}
union all
select account_id, happened_at as changed_at, event_status as state, event_id
from {{ ref('stg_AREA__events') }}
where event_kind in ('order', 'refund')
