{{ config(tags='daily') }} select * from {{ ref('a') }}
