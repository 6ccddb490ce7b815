{{ config(materialized='counted_table', word='said', post_hook="update {{ this }} set n = n * 10") }}
select id from {{ source('raw', 't') }}
