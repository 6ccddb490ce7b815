select 1 as never
