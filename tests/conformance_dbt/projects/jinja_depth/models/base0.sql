select 1 as id, 'x' as v union all select 2, 'y'
