select {{ var('nowhere_set', 1) }} as x from {{ ref('raw') }}
