{{ config(materialized='view') }}
select
    area,
    happened_month,
    amount,
    growth,
    '{{ var("company_name") }}' as company
from {{ ref('company_monthly') }}
