{{ config(materialized='table') }}
select * from {{ ref('seen') }}
