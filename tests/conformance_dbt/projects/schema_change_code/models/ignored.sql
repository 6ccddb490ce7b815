{{ config(materialized='incremental', unique_key='id', on_schema_change='ignore') }}
select id, name from {{ source('raw', 't') }} {% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
