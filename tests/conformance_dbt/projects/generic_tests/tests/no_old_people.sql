{{ config(severity='warn', store_failures=true) }}
select id, age from {{ ref('staff') }} where age > 100
