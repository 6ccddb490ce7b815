select id from {{ ref('as_table') }}
