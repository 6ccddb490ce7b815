{{ config(unique_key='k') }}
select id % 2 as k, id, v from {{ source('raw', 'ev') }}
