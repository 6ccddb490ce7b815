{{ config(materialized='ephemeral') }}
select
    account_id,
    coalesce(nullif(account_name, ''), 'unnamed') as account_name,
    country_code,
    segment,
    created_at
from {{ ref('stg_AREA__accounts') }}
