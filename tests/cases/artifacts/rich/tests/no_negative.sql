{{ config(tags=['single']) }}
select * from {{ ref('orders') }} where cents < 0
