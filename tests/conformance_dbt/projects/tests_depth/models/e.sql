{{ config(materialized='ephemeral') }}
select * from {{ ref('t') }} where id > 1
