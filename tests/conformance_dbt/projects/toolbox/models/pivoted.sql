{{ config(materialized='table') }}
select region, {{ kit.pivot('kind', kit.distinct_values(ref('sales'), 'kind'), then_value='amount', suffix='_sold') }}
from {{ ref('sales') }} {{ kit.group_by(1) }}
