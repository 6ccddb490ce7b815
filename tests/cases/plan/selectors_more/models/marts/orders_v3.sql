select 3 as id, day from {{ ref('stg_orders') }}
