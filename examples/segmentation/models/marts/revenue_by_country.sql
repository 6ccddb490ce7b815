{{ config(materialized='view') }}

select
    countries.region,
    countries.country,
    date_trunc('month', orders.order_date) as order_month,
    count(*) as orders,
    sum(orders.revenue) as revenue
from {{ ref('fct_orders') }} as orders
inner join {{ ref('stg_customers') }} as customers on customers.customer_id = orders.customer_id
inner join {{ ref('countries') }} as countries on countries.country_code = customers.country_code
group by countries.region, countries.country, date_trunc('month', orders.order_date)
