select k, {{ tripled('v') }} as v, {{ filled.tripled(2) }} as six from {{ ref('fill') }}
