{{ config(materialized='view') }} select id from {{ ref('h_table') }}
