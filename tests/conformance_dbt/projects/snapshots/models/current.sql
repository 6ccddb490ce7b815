{{ config(materialized='table') }}
select id, name, team from {{ ref('by_time') }} where dbt_valid_to is null
