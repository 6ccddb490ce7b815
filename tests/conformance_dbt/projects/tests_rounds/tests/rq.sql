{% set n = run_query('select count(*) from ' ~ source('raw', 'u')).columns[0].values()[0] if execute else 0 %}
select {{ n }} as n where {{ n }} > 1
