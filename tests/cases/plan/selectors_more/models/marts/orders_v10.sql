select 10 as id, day from {{ ref('stg_orders') }}
