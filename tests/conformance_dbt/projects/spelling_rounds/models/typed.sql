select id::{{ var('ty', 'integer') }} as id from {{ source('raw', 't') }}
