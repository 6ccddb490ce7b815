select id from {{ ref('v') }}
