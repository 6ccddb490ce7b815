{{ config(materialized='incremental', unique_key='id', incremental_strategy='delete+insert', on_schema_change='sync_all_columns') }}
select * from {{ source('raw', 't') }} {% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
