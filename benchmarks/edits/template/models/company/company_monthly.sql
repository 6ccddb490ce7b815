select
    area,
    happened_month,
    sum(amount) as amount,
    sum(amount) - lag(sum(amount)) over (partition by area order by happened_month) as growth
from {{ ref('int_all__daily') }}
group by area, happened_month
