{{ config(materialized='view') }}
select {{ star_without(ref('kinds_pivot'), ['total', 'names'], 'k_') }} from {{ ref('kinds_pivot') }}
