select
    category,
    count(distinct event_id) as event_count,
    sum(quantity) as quantity,
    sum(discounted_amount) as amount
from {{ ref('fct_AREA__lines') }}
group by category
