{{ config(materialized='view') }}
select *, id + 1 as nx from {{ ref('v1') }}
