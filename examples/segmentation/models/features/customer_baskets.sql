select
    customer_id,
    cast(avg(items) as decimal(10, 2)) as items_per_order,
    cast(avg(amount) as decimal(10, 2)) as amount_per_order,
    cast(avg(case when is_discounted then 1.0 else 0.0 end) as decimal(5, 4)) as discounted_share,
    cast(avg(case when status = 'returned' then 1.0 else 0.0 end) as decimal(5, 4)) as returned_share
from {{ ref('fct_orders') }}
where customer_id is not null
group by customer_id
