-- What the segmentation learns from: one row per customer, no gaps.
select
    customers.customer_id,
    coalesce(rfm.recency_days, date_diff('day', customers.signed_up_on, as_of.as_of_date)) as recency_days,
    coalesce(rfm.orders_last_year, 0) as orders_last_year,
    coalesce(rfm.revenue_last_year, 0) as revenue_last_year
from {{ ref('stg_customers') }} as customers
cross join {{ ref('as_of') }} as as_of
left join {{ ref('customer_rfm') }} as rfm on rfm.customer_id = customers.customer_id
