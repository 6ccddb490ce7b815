{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}
select id, cast(name as varchar) as name from {{ ref('typed') }}
