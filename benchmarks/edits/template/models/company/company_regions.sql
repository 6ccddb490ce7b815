select region, sum(event_count) as event_count, sum(amount) as amount
from {{ ref('int_all__daily') }}
where region is not null
group by region
