select * from {{ ref('total') }} cross join {{ ref('numbers') }}
