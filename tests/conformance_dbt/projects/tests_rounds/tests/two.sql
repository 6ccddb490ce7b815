select a.id from {{ ref('m') }} a left join {{ source('raw', 'u') }} b on a.id = b.id where b.id is null
