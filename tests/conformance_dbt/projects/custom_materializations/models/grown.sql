{{ config(materialized='growing') }}
select id, count(*) over () as seen from {{ source('raw', 't') }}
