select 1 as a where current_date < date '2020-01-01'
