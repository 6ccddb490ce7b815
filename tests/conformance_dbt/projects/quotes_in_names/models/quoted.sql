{{ config(materialized='table') }}
select 1 as "Id", 'a' as "Two Words"
