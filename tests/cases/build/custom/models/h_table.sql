{{ config(materialized='table') }} select id from {{ ref('g_pack') }}
