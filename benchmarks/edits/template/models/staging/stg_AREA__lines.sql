select
    event_id,
    line_no,
    item_id,
    quantity,
    {{ in_units('price_cents') }} as unit_price,
    quantity * {{ in_units('price_cents') }} as line_amount
from {{ source('AREA', 'AREA_lines') }}
where quantity > 0
