{{ config(materialized='incremental', unique_key='id', indexes=[{'columns': ['id'], 'unique': true}, {'columns': ['name']}], unlogged=true) }}
select id, name from {{ source('raw', 't') }} {% if is_incremental() %} where id > 1 {% endif %}
