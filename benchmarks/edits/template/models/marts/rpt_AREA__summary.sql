{{ config(materialized='view') }}
select
    monthly.happened_month,
    monthly.amount,
    monthly.refund_share,
    '{{ var("company_name") }}' as company
from {{ ref('mart_AREA__monthly') }} as monthly
