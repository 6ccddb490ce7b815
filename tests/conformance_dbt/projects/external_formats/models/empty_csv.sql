{{ config(location='out/empty.csv') }} select 1 as id, 'eu' as region where 1=0
