{{ config(severity='error', tags=['singular']) }}
select * from {{ ref('orders', v=2) }} where amount is null
