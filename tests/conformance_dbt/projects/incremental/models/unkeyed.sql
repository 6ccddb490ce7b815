{{ config(materialized='incremental') }}
select id, n from {{ ref('appended') }} {% if is_incremental() %} where id > (select coalesce(max(id), 0) from {{ this }}) {% endif %}
