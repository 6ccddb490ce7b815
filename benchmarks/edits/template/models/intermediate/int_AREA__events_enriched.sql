with valued as (

    select * from {{ ref('int_AREA__events_valued') }}

),

countries as (

    select country_code, country_name, region from {{ ref('country_codes') }}

)

select
    valued.*,
    accounts.account_name,
    accounts.segment,
    accounts.country_code,
    countries.country_name,
    countries.region,
    {{ month_of('valued.happened_on') }} as happened_month
from valued
join {{ ref('int_AREA__accounts_named') }} as accounts
    on accounts.account_id = valued.account_id
left join countries on countries.country_code = accounts.country_code
