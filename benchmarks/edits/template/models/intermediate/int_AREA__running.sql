select
    happened_on,
    region,
    amount,
    sum(amount) over (
        partition by region order by happened_on rows between 6 preceding and current row
    ) as amount_7_days,
    sum(amount) over (partition by region order by happened_on) as amount_so_far
from {{ ref('int_AREA__daily') }}
