{{ config(materialized='my_view') }} select id, name from {{ ref('raw') }}
