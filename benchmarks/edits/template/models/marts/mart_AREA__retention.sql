with active as (

    select distinct account_id, happened_month
    from {{ ref('int_AREA__events_enriched') }}

),

starts as (

    select account_id, min(happened_month) as cohort
    from active
    group by account_id

)

select
    starts.cohort,
    active.happened_month,
    count(*) as account_count
from active
join starts on starts.account_id = active.account_id
group by starts.cohort, active.happened_month
