{{ config(materialized='incremental', unique_key='id') }}
select id, short, price, tags from {{ source('raw', 't') }}
