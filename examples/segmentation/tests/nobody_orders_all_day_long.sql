-- Thirty orders of one customer on one day are a script, a shared log-in or a mistake.
select customer_id, order_date, count(*) as orders
from {{ ref('stg_orders') }}
where customer_id is not null
group by customer_id, order_date
having count(*) > 30
