{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='moment', batch_size='year', begin='2024-01-01', lookback=1) }}
select id, moment from {{ source('raw', 'events') }}
