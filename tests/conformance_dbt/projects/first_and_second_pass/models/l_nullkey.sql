{{ config(unique_key=['id', 'v'], incremental_strategy='delete+insert') }}
select case when id = 2 then null else id end as id, v from {{ source('raw', 'ev') }}
