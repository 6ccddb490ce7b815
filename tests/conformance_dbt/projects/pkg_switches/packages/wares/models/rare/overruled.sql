{{ config(enabled=true) }} select 3 as ware
