{{ config(pre_hook="create or replace table side as select 1 as x") }}
select x from side
