{{ config(materialized='table') }}
select id, 't' as place from {{ source('near', 't') }} union all
select id, 'renamed' from {{ source('near', 'renamed') }} union all
select id, 'far' from {{ source('far', 'far') }}
