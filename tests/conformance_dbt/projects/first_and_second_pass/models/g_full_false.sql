{{ config(full_refresh=false) }}
select id, '{{ is_incremental() }}' as i, '{{ should_full_refresh() }}' as f from {{ source('raw', 'ev') }}
