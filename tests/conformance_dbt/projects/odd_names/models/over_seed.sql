{{ config(materialized='table') }}
select * from {{ ref('Odd_Seed') }}
