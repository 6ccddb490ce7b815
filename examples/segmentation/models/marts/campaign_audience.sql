-- Whom the next campaign writes to, and what: only those who have agreed to hear from us.
select
    customers.customer_id,
    customers.email,
    preferences.language,
    segments.segment,
    active.is_active,
    case
        when segments.segment = 'churned' then 'win_back'
        when active.is_active then 'thank_you'
        when segments.segment = 'high_value' then 'early_access'
        else 'newsletter'
    end as message
from {{ ref('stg_customers') }} as customers
inner join {{ ref('stg_preferences') }} as preferences on preferences.customer_id = customers.customer_id
inner join {{ ref('customer_segments') }} as segments on segments.customer_id = customers.customer_id
inner join {{ ref('fct_active_customers') }} as active on active.customer_id = customers.customer_id
where preferences.wants_email
    and customers.email is not null
