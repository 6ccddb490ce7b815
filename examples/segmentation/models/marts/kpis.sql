-- The numbers on the first page of the dashboard, in one row.
with customers as (
    select
        count(*) as customers,
        count(*) filter (where is_active) as active_customers,
        count(*) filter (where segment = 'churned') as churned_customers
    from {{ ref('customers_360') }}
),

last_month as (
    select
        sum(daily.orders) as orders_last_30_days,
        sum(daily.revenue) as revenue_last_30_days
    from {{ ref('revenue_daily') }} as daily
    cross join {{ ref('as_of') }} as as_of
    where daily.order_date > as_of.as_of_date - interval '30 days'
)

select
    as_of.as_of_date,
    customers.customers,
    customers.active_customers,
    customers.churned_customers,
    last_month.orders_last_30_days,
    last_month.revenue_last_30_days
from {{ ref('as_of') }} as as_of
cross join customers
cross join last_month
