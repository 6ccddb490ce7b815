select {{ kit.star(ref('pivoted'), alias='p', except=['REGION'], prefix='p_') }}, p.region from {{ ref('pivoted') }} as p
