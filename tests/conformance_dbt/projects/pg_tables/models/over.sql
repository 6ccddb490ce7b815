select n, last_name from {{ ref('kept') }}
