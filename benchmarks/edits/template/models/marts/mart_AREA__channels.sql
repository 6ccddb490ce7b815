select
    events.channel,
    costs.cost_percent,
    count(*) as event_count,
    sum(events.amount) as amount,
    {{ discounted('sum(events.amount)', 'coalesce(max(costs.cost_percent), 0)') }} as net_amount
from {{ ref('int_AREA__events_valued') }} as events
left join {{ ref('channel_costs') }} as costs on costs.channel = events.channel
group by events.channel, costs.cost_percent
