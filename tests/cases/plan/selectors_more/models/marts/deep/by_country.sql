select * from {{ ref('revenue') }} join {{ ref('countries') }} using (id)
