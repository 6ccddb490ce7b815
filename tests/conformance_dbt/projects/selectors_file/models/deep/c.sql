{{ config(tags='daily') }} select * from {{ ref('b') }}
