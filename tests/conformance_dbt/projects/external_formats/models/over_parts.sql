{{ config(materialized="view") }}
select * from {{ ref('parts') }} 
