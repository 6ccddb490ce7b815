select {{ var('rows', 7) }} as seen_rows, {{ greeting() }} as greeting, n from {{ ref('base', 'base_rows') }}
