select
    happened_month,
    sum(event_count) as event_count,
    sum(amount) as amount,
    sum(refunded) as refunded,
    {{ share('sum(refunded)', 'sum(amount)') }} as refund_share
from {{ ref('int_AREA__daily') }}
group by 1
