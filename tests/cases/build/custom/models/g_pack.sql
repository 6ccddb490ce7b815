{{ config(materialized='pack_table') }} select id from {{ ref('f_swap') }}
