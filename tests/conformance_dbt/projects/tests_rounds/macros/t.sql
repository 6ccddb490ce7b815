{% test over(model, column_name, n=2) %}select * from {{ model }} where {{ column_name }} > {{ n }} + {{ var('lim') }}{% endtest %}
{% macro helper_cond() %}id > 1{% endmacro %}
