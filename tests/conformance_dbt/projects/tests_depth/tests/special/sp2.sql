{{ config(warn_if='>3', fail_calc='max(id)') }}
select id from {{ ref('v') }}
