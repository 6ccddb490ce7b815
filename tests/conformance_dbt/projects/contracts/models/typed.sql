{{ config(materialized='table') }}
select cast(1.5 as decimal(12, 2)) as amount, 1 as id, 'a' as name
