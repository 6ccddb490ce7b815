{{ config(materialized='table') }}
-- {{ ref('m') }} {{ ref('pk', 'x1') }} {{ ref('pk_sn') }}
select count(*) as n from {{ ref('x1') }}
