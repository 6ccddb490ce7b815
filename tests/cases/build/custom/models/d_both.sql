{{ config(materialized='both') }} select id from {{ ref('c_view') }}
