{{ config(materialized='table') }}
-- a comment
select 1 as id, cast('2026-01-01' as date) as ordered_on, 5 as amount /* another */
