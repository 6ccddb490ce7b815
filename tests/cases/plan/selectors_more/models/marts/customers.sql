{{ config(materialized='view', tags=['daily','core']) }} select o.*, 1 as x from {{ ref('stg_orders') }} o left join {{ ref('stg_customers') }} c on true
