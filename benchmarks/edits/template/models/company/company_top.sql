select area, account_id, account_name, amount
from {{ ref('int_all__accounts') }}
order by amount desc, area, account_id
limit 50
