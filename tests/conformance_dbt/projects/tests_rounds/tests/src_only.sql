select * from {{ source('raw', 'u') }} where id > 5
