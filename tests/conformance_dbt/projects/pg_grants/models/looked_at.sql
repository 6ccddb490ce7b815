{{ config(materialized='view', grants={'select': 'analyst'}) }}
select id from {{ ref('told') }}
