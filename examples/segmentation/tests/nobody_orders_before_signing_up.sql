-- An order belongs to somebody who was a customer on that day.
select orders.order_id, orders.order_date, customers.signed_up_on
from {{ ref('stg_orders') }} as orders
inner join {{ ref('stg_customers') }} as customers on customers.customer_id = orders.customer_id
where orders.order_date < customers.signed_up_on
