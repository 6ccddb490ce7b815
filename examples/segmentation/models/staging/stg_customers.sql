with latest as (
    {{ latest(source('raw', 'customers'), key='customer_id', by='updated_at') }}
)

select
    latest.customer_id,
    {{ tidy('latest.full_name') }} as full_name,
    lower({{ tidy('latest.email') }}) as email,
    spellings.country_code,
    nullif(latest.birth_year, 1900) as birth_year,  -- 1900 is what the form fills in
    cast(latest.signed_up_on as date) as signed_up_on
from latest
left join {{ ref('country_spellings') }} as spellings
    on spellings.spelling = lower(trim(latest.country))
