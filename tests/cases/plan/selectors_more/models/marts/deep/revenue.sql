{{ config(materialized='incremental', unique_key='id', tags='daily') }} select id from {{ ref('orders', v=1) }} union all select id from {{ ref('customers') }}
