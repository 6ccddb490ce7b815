select 1 from {{ ref('base_rows') }} having count(*) = 0
