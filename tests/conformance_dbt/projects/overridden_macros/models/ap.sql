{{ config(materialized='incremental', incremental_strategy='append') }}
select id, 'x' as i from {{ source('raw', 'ev') }} {% if is_incremental() %}where id > (select max(id) from {{ this }}){% endif %}
