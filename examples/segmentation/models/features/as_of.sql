-- The data's own clock: nothing in this project asks what day it is.
select max(order_date) as as_of_date
from {{ ref('stg_orders') }}
