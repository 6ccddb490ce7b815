{{ config(materialized='table') }}
select * from {{ ref('to_parquet') }}
