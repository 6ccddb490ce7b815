select
    id as account_id,
    segment,
    country,
    dbt_valid_from as valid_from,
    coalesce(dbt_valid_to, cast('9999-12-31' as timestamp)) as valid_to
from {{ ref('snap_AREA__accounts') }}
where status <> 'test'
