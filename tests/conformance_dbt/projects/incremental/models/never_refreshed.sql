{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
select id, n from {{ source('raw', 'events') }} {% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
