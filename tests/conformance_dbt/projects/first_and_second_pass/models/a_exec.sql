{% if execute %}{% if is_incremental() %} select id, v, 'inc' as how from {{ source('raw', 'ev') }} where id > (select max(id) from {{ this }}) {% else %} select id, v, 'full' as how from {{ source('raw','ev') }} {% endif %}{% endif %}
-- {{ source('raw','ev') }}
