select code, {{ aged.unit() }} as unit, {{ aged.size() }} as size from {{ ref('measured') }}
