select c.id as customer_id, c."Full Name" as name, count(o.order_id) as orders
from {{ source('crm', 'customers') }} c left join {{ ref('orders') }} o on o.customer_id = c.id group by all
