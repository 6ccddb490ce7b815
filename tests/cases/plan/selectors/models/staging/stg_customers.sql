select 2 as customer_id from {{ source('raw', 'customers') }}
