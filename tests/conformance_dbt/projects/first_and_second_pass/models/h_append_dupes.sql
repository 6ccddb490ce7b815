{{ config(incremental_strategy='append') }}
select count(*) as n, '{{ flags.FULL_REFRESH }}' fr from {{ source('raw', 'ev') }}
