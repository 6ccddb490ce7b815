{% macro default__surrogate(columns) %}'own'{% endmacro %}
{% macro same_name() %}'project'{% endmacro %}
