{{ config(materialized='incremental') }}
select id, '{{ is_incremental() }}' as i from {{ source('raw', 'ev') }}
