{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='id') }}
select id, who, n, day from {{ source('raw', 'events') }}
{% if is_incremental() %} where day >= (select max(day) from {{ this }}) {% endif %}
