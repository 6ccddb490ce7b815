select
    (select count(*) from {{ ref('int_all__accounts') }} where event_count > 0) as active_accounts,
    (select sum(amount) from {{ ref('int_all__events') }}) as amount,
    (select max(happened_on) from {{ ref('int_all__daily') }}) as last_day
