with numbers as (select * from {{ ref('odd_named') }})
select n.id, n.factor, r.name from numbers n left join {{ ref('renamed') }} r on r.id = n.id * 10
