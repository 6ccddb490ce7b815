{{ config(materialized='external') }}
select a, b, 'x' as c from {{ ref('to_csv') }}
