select 1 as id, 'next' as new_name
