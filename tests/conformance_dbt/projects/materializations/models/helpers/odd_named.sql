with t as (select * from {{ ref('odd') }})
select id, name || '!' as name, {{ var('factor', 2) }} as factor from t
