{{ config(materialized='table', post_hook=[]) }}
-- {{ ref('own') }}
select * from lg order by 1
