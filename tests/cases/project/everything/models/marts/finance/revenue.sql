{{ config(
    materialized='incremental',
    unique_key='customer_id',
    pre_hook="select 1",
    tags='own'
) }}
{% set measures = ['sum', 'max'] %}
select
    o.customer_id,
    {% for measure in measures %}{{ measure }}(o.amount) as {{ measure }}_amount, {% endfor %}
    count(*) as orders
from {{ ref('stg_orders') }} as o
{% if is_incremental() %}where o.due_on > (select max(due_on) from {{ this }}){% endif %}
group by o.customer_id
