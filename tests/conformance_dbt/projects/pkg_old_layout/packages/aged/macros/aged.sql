{% macro unit() %}{{ return(adapter.dispatch('unit')()) }}{% endmacro %}
{% macro default__unit() %}'aged'{% endmacro %}

{% macro size() %}{{ return(adapter.dispatch('size', 'nobody')()) }}{% endmacro %}
{% macro default__size() %}10{% endmacro %}
{% macro duckdb__size() %}20{% endmacro %}
