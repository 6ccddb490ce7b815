{{ config(severity='warn', tags=['x'], meta={'a': 1}) }}
-- a comment
select * from {{ ref('t') }} where id > {{ var('minimum') }}
