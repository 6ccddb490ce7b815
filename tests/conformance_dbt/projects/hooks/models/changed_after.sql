{{ config(materialized='table', post_hook=["update {{ this }} set a = a * 10", "alter table {{ this }} add column b integer", "update {{ this }} set b = a + 1"]) }}
select a from {{ ref('plain') }}
