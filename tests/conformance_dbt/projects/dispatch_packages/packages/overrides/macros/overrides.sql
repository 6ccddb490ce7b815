{% macro default__label() %}'overrides'{% endmacro %}
{% macro duckdb__chained(n) %}({{ tools.default__chained(n) }}) * 100{% endmacro %}
