select 2 as ware
