{{ config(materialized='table') }}
select id,
    {% call(region, n) weighted_case(kit.distinct_values(ref('sales'), 'region', where="region <> 'east'")) -%}
        {{ n }} * amount {% if region == 'north' %}+ 1000{% endif %}
    {%- endcall %} as weighted
from {{ ref('sales') }}
