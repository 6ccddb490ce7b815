{{ config(location='out/j.json') }} select 1 as id, 'eu' as region, [1,2] as l, {'a': 1} as s, timestamp '2026-01-01 10:00:00' as ts
