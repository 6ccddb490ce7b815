{{ config(materialized='table') }}
select {{ star_without(ref('starred'), ['k_n']) }} from {{ ref('starred') }}
