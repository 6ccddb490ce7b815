{% macro default__unit() %}'own'{% endmacro %}
{% macro default__size() %}1{% endmacro %}
