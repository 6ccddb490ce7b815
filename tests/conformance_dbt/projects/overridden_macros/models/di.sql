{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='id') }}
select id, '{{ is_incremental() }}' as i from {{ source('raw', 'ev') }} {% if is_incremental() %}where id > (select max(id) from {{ this }}){% endif %}
