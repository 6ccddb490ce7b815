select id, row_number() over (order by id desc) as rn from {{ source('raw', 't') }} order by id
