{{ config(materialized='view') }}
select a from {{ ref('plain') }}
