select day from {{ ref('lib_calendar') }}
