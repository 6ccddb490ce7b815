{{ config(tags=['daily']) }}
select id from {{ source('raw', 'a') }}
