{{ config(materialized='table') }}
select count(*) as n, max(id) as newest from {{ ref('by_year') }}
