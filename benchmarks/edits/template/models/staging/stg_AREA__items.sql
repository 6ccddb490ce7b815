select
    id as item_id,
    {{ cleaned('label') }} as item_name,
    category,
    {{ in_units('price_cents') }} as list_price,
    is_active
from {{ source('AREA', 'AREA_items') }}
