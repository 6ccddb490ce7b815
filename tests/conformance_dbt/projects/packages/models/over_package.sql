select k, {{ filled.tripled('v') }} as v from {{ ref('filled', 'filled_model') }}
