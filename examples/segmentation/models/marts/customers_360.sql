select
    customers.customer_id,
    customers.full_name,
    customers.email,
    countries.country,
    countries.region,
    active.last_order_date,
    active.is_active,
    features.orders_last_year,
    features.revenue_last_year,
    baskets.amount_per_order,
    favourites.favourite_category,
    coalesce(web.sessions_last_quarter, 0) as sessions_last_quarter,
    segments.segment,
    segments.confidence
from {{ ref('stg_customers') }} as customers
left join {{ ref('countries') }} as countries on countries.country_code = customers.country_code
left join {{ ref('fct_active_customers') }} as active on active.customer_id = customers.customer_id
left join {{ ref('customer_features') }} as features on features.customer_id = customers.customer_id
left join {{ ref('customer_baskets') }} as baskets on baskets.customer_id = customers.customer_id
left join {{ ref('customer_favourites') }} as favourites on favourites.customer_id = customers.customer_id
left join {{ ref('customer_web') }} as web on web.customer_id = customers.customer_id
left join {{ ref('customer_segments') }} as segments on segments.customer_id = customers.customer_id
