{{ config(options={'partition_by': 'region, y', 'compression': 'zstd'}) }} select 1 as id, 'eu' as region, 2020 as y union all select 2, 'us', 2021
