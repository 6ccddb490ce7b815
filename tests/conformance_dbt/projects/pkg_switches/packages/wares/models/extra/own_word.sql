{{ config(enabled=var('with_extras') | as_bool, materialized='table') }} select 1 as ware
