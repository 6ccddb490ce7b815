select
    country_code,
    country_name,
    count(distinct account_id) as account_count,
    sum(amount) as amount
from {{ ref('int_AREA__events_enriched') }}
where event_status in ('paid', 'sent')
    and country_name is not null
group by country_code, country_name
having count(*) > 1
