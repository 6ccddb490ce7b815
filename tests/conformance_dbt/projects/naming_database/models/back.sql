select * from {{ ref('away') }}
