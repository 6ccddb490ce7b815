{% for area in var('areas') %}
select '{{ area }}' as area, event_id, account_id, event_kind, channel, happened_on, amount
from {{ ref('fct_' ~ area ~ '__events') }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
