select code, label, {{ aged.unit() }} as unit, {{ aged.size() }} as size from {{ ref('codes') }}
