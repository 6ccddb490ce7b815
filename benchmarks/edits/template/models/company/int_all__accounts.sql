{% for area in var('areas') %}
select '{{ area }}' as area, account_id, account_name, country_code, segment, event_count, amount
from {{ ref('dim_' ~ area ~ '__accounts') }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
