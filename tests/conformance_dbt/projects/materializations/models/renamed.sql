{{ config(alias='other_name', schema='elsewhere', materialized='table') }}
select * from {{ ref('by_default') }} where id > 10
