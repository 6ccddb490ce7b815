select 1 as size, 'all' as words
