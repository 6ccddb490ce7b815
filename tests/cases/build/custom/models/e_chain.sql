{{ config(materialized='chained') }} select id, amount from {{ ref('b_log') }}
