{{ config(location='out/z.csv.gz') }} select '01' as id, 'eu' as region, timestamp '2026-01-01 10:00:00' as ts, null as n, true as b, 1.5::decimal(10,2) as dd
