select * from {{ ref('staff') }}
