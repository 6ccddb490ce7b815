select id from (select id, v, length(v) as l from {{ ref('s') }})
