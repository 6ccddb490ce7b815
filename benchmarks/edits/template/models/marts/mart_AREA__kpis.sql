select 'accounts' as kpi, cast(count(*) as decimal(18, 2)) as value
from {{ ref('int_AREA__account_activity') }}
where event_count > 0
union all
select 'revenue', cast(sum(amount) as decimal(18, 2))
from {{ ref('int_AREA__daily') }}
union all
select 'lines', cast(count(*) as decimal(18, 2))
from {{ ref('fct_AREA__lines') }}
