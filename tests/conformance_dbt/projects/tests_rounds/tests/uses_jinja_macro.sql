select * from {{ ref('m') }} where {{ helper_cond() }}
