{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['id', 'who'], merge_exclude_columns=['n']) }}
select id, who, n, day from {{ source('raw', 'events') }}
