{{ config(location='out/empty.parquet') }} select 1 as id, 'eu' as "The Region" where 1=0
