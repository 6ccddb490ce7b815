{% macro limit() %}100{% endmacro %}
