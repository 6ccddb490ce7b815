select count(*) as n from {{ ref('shouted') }} join {{ source('crm', 'people') }} using (id)
