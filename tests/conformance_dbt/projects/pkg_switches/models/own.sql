select ware from {{ ref('always') }} union all select ware from {{ ref('by_yaml') }}
