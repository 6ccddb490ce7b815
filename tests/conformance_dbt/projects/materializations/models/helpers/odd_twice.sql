select * from {{ ref('odd_named') }}
union all
select * from {{ ref('odd') }} cross join (select 9 as factor)
