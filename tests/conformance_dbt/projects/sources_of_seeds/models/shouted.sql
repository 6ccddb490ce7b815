select id, upper(name) as name from {{ source('crm', 'people') }}
