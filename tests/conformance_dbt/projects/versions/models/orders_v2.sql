{{ config(materialized='table') }}
select 1 as id, 'a' as new_name, 2 as extra
