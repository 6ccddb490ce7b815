select 1 as id, day from {{ ref('stg_orders') }}
