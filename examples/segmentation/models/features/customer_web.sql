select
    sessions.customer_id,
    max(sessions.session_date) as last_session_date,
    count(*) as sessions_last_quarter,
    sum(sessions.pages) as pages_last_quarter,
    count(*) filter (where sessions.added_to_cart) as carts_last_quarter
from {{ ref('stg_sessions') }} as sessions
cross join {{ ref('as_of') }} as as_of
where sessions.customer_id is not null
    and sessions.session_date > as_of.as_of_date - interval '91 days'
group by sessions.customer_id
