{{ config(materialized='table') }}
select a, '{{ this }}' as me from {{ ref('near') }}
