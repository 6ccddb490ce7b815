{{ config(unique_key=['id', 'v'], incremental_strategy='merge') }}
select case when id = 2 then null else id end as id, v, 1 as z from {{ source('raw', 'ev') }}
