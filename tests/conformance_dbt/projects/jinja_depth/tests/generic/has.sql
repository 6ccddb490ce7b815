{% test has(model, column_name, v=1, op='=') %}select * from {{ model }} where not ({{ column_name }} {{ op }} {{ v }}){% endtest %}
{% macro in_tests(x) %}{{ x }} from tests{% endmacro %}
