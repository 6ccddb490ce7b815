{{ config(materialized='table') }}
{% set n = run_query('select count(*) from ' ~ ref('base')).columns[0].values()[0] if execute else 0 %}
select '{{ ref("base") }}' as relation, '{{ ref("base").identifier }}' as identifier, '{{ ref("base").schema }}' as schema_,
    '{{ this }}' as me, {{ n }} as n, {{ dbt.string_literal(ref('base')) }} as literal
from {{ ref('base') }}
