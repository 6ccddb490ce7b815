{{ config(materialized='view', meta={'since': 2}) }}
select size, {{ dbt.length('words') }} as letters from {{ ref('sizes', v=1) }} -- {{ adapter.type() }}
