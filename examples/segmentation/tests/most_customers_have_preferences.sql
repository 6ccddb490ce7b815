-- The CRM knows the wishes of nine customers in ten; far fewer mean that its file is not whole.
select count(*) as customers, count(preferences.customer_id) as known
from {{ ref('stg_customers') }} as customers
left join {{ ref('stg_preferences') }} as preferences on preferences.customer_id = customers.customer_id
having count(preferences.customer_id) < 0.85 * count(*)
