select 2 as id, day from {{ ref('stg_orders') }}
