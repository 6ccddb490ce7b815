select
    account_id,
    account_name,
    segment,
    amount,
    rank() over (order by amount desc, account_id) as place
from {{ ref('dim_AREA__accounts') }}
where amount > 0
order by amount desc, account_id
limit 25
