select
    lines.event_id,
    lines.line_no,
    lines.item_id,
    lines.item_name,
    lines.category,
    lines.quantity,
    lines.discounted_amount,
    lines.unit_price - lines.price_before as price_step,
    events.happened_on,
    events.channel
from {{ ref('int_AREA__lines_priced') }} as lines
join {{ ref('int_AREA__events_valued') }} as events on events.event_id = lines.event_id
