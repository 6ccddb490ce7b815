{{ config(materialized='table') }}
select
    {{ tools.surrogate(['k', 'v']) }} as surrogate, {{ tools.label() }} as label, {{ tools.greeting() }} as greeting,
    {{ tools.chained(4) }} as chained, {{ same_name() }} as a, {{ tools.same_name() }} as b, {{ base.same_name() }} as c,
    k, v
from {{ ref('base_seed') }}
