{{ config(materialized='view') }}
select * from {{ ref('e') }}
