{{ config(materialized='table') }}
select o.id, o.amount * r.rate as amount, case when o.amount > {{ limit() }} then 'big' else '{{ var("small", "small") }}' end as label
from {{ ref('orders') }} o join {{ ref('rates') }} r on r.currency = o.currency
