select amount from {{ ref('raw') }}
