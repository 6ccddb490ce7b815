-- How large each segment was on each day: a day is written once and rewritten when it is run again.
{{ config(materialized='incremental', unique_key=['as_of_date', 'segment']) }}

select
    as_of.as_of_date,
    segments.segment,
    count(*) as customers
from {{ ref('customer_segments') }} as segments
cross join {{ ref('as_of') }} as as_of
group by as_of.as_of_date, segments.segment
