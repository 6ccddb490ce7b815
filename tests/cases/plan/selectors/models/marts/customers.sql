{{ config(tags=['daily', 'core'], meta={'owner': 'ana', 'tier': 1}) }}
select c.customer_id from {{ ref('stg_customers') }} c join {{ ref('stg_contacts') }} k on c.customer_id = k.customer_id
