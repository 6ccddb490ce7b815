{{ config(materialized='table') }}
select *, '{{ source("raw", "people") }}' as read_from from {{ source('raw', 'people') }}
