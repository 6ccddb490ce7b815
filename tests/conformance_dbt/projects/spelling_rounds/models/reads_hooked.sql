select max(v) as v from {{ ref('hooked') }}
