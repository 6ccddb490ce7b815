{{ config(materialized='table') }}
{% do log('hello', info=true) %}
{{ print('') }}
select '{{ shout("x") }}' as shouted
