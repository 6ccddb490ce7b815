{{ config(group='finance', access='public') }}
select * from {{ ref('over_versions') }}
