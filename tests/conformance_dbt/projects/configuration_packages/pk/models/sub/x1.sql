{{ config(alias='x1_alias', materialized='table') }}
select '{{ config.get("materialized") }} {{ this }}' as x, * from {{ ref('ps') }}
