{{ config(materialized='incremental', unique_key='id') }} select id, amount from {{ ref('raw') }}
