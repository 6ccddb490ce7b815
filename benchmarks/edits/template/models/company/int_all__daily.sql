{% for area in var('areas') %}
select '{{ area }}' as area, happened_on, happened_month, region, event_count, amount, refunded
from {{ ref('int_' ~ area ~ '__daily') }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
