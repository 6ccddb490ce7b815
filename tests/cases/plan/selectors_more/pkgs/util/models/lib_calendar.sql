select * from {{ ref('lib_days') }}
