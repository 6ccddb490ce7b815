select * from {{ ref('by_country') }} join {{ ref('customers') }} using (id) where false
