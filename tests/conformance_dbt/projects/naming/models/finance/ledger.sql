{{ config(materialized='table') }}
select 1 as a, '{{ this }}' as me
