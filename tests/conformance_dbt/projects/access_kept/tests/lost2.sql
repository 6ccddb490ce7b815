select * from {{ ref('off') }} union all select * from {{ ref('b') }}
