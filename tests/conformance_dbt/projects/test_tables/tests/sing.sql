{{ config(severity='warn', store_failures=true, alias='sing_alias') }}
select n, n * 2 as m from {{ ref('big') }} where n > 2
