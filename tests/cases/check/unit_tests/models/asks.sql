{% set q = run_query('select max(id) as m from ' ~ ref('stg')) %}
select id, {{ q.columns[0].values()[0] if execute else 0 }} as m from {{ ref('stg') }}
