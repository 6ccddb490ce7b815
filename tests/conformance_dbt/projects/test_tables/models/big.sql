select n from generate_series(0, 9) as t(n)
