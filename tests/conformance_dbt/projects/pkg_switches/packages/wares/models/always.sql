select 5 as ware
