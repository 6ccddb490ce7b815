{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id',
          incremental_predicates=["DBT_INTERNAL_DEST.day > date '2026-01-01'"]) }}
select id, who, n, day from {{ source('raw', 'events') }} where id > 0
