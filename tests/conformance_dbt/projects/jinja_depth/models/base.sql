{{ config(materialized='table') }}
select 1 as id, 'x' as name, 1.5::decimal(10,2) as amt, date '2024-01-01' as d, array[1, 2] as l
