-- Everyone in the audience has said yes to e-mail, in the CRM's own words.
select audience.customer_id
from {{ ref('campaign_audience') }} as audience
left join {{ ref('stg_preferences') }} as preferences on preferences.customer_id = audience.customer_id
where preferences.wants_email is distinct from true
