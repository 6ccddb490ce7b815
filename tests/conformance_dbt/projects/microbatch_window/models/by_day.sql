{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='moment', batch_size='day', begin='2026-01-01', lookback=1) }}
select id, moment from {{ source('raw', 'events') }}
