-- Nobody compares the visits of one day with the orders of another: both feeds have brought the same last day.
select orders.last_day as last_orders, visits.last_day as last_visits
from (select max(order_date) as last_day from {{ ref('stg_orders') }}) as orders
cross join (select max(session_date) as last_day from {{ ref('stg_sessions') }}) as visits
where orders.last_day is distinct from visits.last_day
