{{ config(materialized='incremental', incremental_strategy='append', full_refresh=true) }}
select id, n, {{ is_incremental() }} as is_incremental from {{ source('raw', 'events') }}
