with latest as (
    {{ latest(source('raw', 'crm_preferences'), key='customer_id', by='changed_on') }}
)

select
    customer_id,
    {{ is_yes('email_opt_in') }} as wants_email,
    {{ is_yes('sms_opt_in') }} as wants_sms,
    nullif(language, '') as language,
    changed_on
from latest
