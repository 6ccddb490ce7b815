{{ config(materialized='ephemeral') }}
select * from {{ ref('staff') }} where id > 1
