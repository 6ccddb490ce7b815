select id, name from {{ ref('numbers') }} where id % 2 = 1
