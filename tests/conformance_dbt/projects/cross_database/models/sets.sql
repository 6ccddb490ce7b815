{{ config(materialized='table') }}
select id from {{ ref('rows') }} {{ dbt.except() }} select 2 {{ dbt.intersect() }} select 2
