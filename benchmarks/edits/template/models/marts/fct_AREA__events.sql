{{ config(
    materialized='incremental', unique_key='event_id', incremental_strategy='delete+insert',
    on_schema_change='append_new_columns'
) }}
select
    event_id,
    account_id,
    event_kind,
    event_status,
    channel,
    happened_on,
    amount,
    quantity,
    line_count,
    event_size
from {{ ref('int_AREA__events_enriched') }}
{% if is_incremental() %}
where happened_on >= (select max(happened_on) - {{ var('lookback_days') }} from {{ this }})
{% endif %}
