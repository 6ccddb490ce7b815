{{ config(materialized='append_log') }}
select id, amount, (select count(*) from {{ ref('raw') }}) as seen from {{ ref('raw') }}
