{% macro tripled(n) %}({{ n }} * 3){% endmacro %}
{% test at_least(model, column_name, minimum=none) %}
    select {{ column_name }} from {{ model }} where {{ column_name }} < {{ minimum or var('minimum') }}
{% endtest %}
