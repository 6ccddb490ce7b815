{{ config(options={'partition_by': 'region'}, location='out/parted') }} select 1 as id, 'eu' as region, date '2026-01-01' as d union all select 2, 'us', date '2026-01-02'
