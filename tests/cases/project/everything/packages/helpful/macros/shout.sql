{% macro shout(words) %}{{ return(adapter.dispatch('shout', 'helpful')(words)) }}{% endmacro %}
{% macro default__shout(words) %}upper('{{ words }} {{ helpful.punctuation() }}'){% endmacro %}
{% macro punctuation() %}!{% endmacro %}

{% test positive(model, column_name, at_least=0) %}
    {{ config(severity='error', fail_calc='count(*)') }}
    select * from {{ model }} where {{ column_name }} < {{ at_least }}
{% endtest %}
