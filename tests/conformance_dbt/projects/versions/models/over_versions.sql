{{ config(materialized='table', group='finance', access='private') }}
select a.id, a.new_name, b.old_name, c.new_name as next_name
from {{ ref('orders') }} a, {{ ref('orders', v=1) }} b, {{ ref('orders', version=3) }} c
