select * from {{ ref('m') }} where is_bad(id)
