select 1 from {{ ref('filled_model') }} having count(*) = 0
