select 1 as id, 'eur' as currency, 50 as amount union all select 2, 'usd', 500
