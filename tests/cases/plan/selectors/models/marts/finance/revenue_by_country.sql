select n.code, count(*) as orders from {{ ref('revenue') }} r cross join {{ ref('countries') }} n group by 1
