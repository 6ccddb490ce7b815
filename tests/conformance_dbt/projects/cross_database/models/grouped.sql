{{ config(materialized='table') }}
select
    {{ dbt.listagg('word', "', '", 'order by word') }} as listed, {{ dbt.listagg('word', "'|'", 'order by word desc', 2) }} as two,
    {{ dbt.bool_or('flag') }} as any_flag, {{ dbt.any_value("'x'") }} as any_
from {{ ref('rows') }}
