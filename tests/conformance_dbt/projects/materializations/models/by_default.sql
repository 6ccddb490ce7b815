select id * 10 as id, upper(name) as name from {{ ref('as_view') }}
