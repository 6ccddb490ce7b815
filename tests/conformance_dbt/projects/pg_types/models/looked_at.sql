select * from {{ ref('all_of_it') }}
