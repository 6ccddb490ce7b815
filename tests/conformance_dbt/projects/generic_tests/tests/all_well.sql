select 1 from {{ ref('staff_view') }} where id is null
