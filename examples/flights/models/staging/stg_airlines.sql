{{ config(materialized='view') }}

select carrier, name as airline
from {{ source('raw', 'airlines') }}
