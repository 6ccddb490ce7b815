select 1 as id, 1 as customer_id, 10 as amount, date '2026-01-01' as day, 1 as country_id
