select * from {{ ref('by_country') }} join {{ ref('lib_days') }} using (id)
