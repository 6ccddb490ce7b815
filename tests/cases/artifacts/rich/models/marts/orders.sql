{{ config(materialized='incremental', unique_key='order_id', incremental_strategy='delete+insert', on_schema_change='append_new_columns') }}
select order_id, customer_id, {{ cents('amount') }} as cents, ordered_on from {{ ref('stg_orders') }}
{% if is_incremental() %}where ordered_on > (select max(ordered_on) from {{ this }}){% endif %}
