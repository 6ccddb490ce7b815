select s.visited_at::date as day, count(*) as visits, sum(s.spent) as spent, max({{ dbt.current_timestamp() }}) as seen_at,
    '{{ run_started_at }}' as started
from {{ source('outside', 'visits') }} s
group by 1
