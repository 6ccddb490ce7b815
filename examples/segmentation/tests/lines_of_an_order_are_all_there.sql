-- The lines of an order are numbered from one; a number that is missing is a line that did not arrive.
select order_id, count(*) as lines, max(line_number) as last_number
from {{ ref('stg_order_lines') }}
group by order_id
having count(*) <> max(line_number)
