{{ config(materialized='table', unlogged=true) }}
select id from {{ source('raw', 't') }}
