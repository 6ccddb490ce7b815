{{ config(materialized='incremental', unique_key='id') }}
select id, n from {{ ref('merged') }} {% if is_incremental() %} where n >= (select max(n) from {{ this }}) {% endif %}
