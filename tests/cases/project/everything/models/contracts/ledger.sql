{{ config(schema='kept', alias=var('ledger_name', 'general_ledger'), contract={'enforced': true}) }}
select
    cast(order_id as integer) as order_id,
    cast(amount as decimal(18, 2)) as amount
from {{ ref('everything', 'orders', version=2) }}
