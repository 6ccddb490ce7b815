{{ config(materialized='view') }}
select happened_on, region, amount, amount_7_days
from {{ ref('int_AREA__running') }}
where amount * 3 > amount_7_days
    and amount > 100
