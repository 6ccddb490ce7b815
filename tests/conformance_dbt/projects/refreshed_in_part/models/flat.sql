{{ config(materialized='table') }}
select * from {{ ref('doubled') }}
