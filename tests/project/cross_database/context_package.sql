{% macro shared() %}of the package{% endmacro %}
{% macro inside() %}{{ helped.shared() }}{% endmacro %}
{% macro outside() %}{{ shared() }}{% endmacro %}
{% macro default_length() %}{{ replace('a', 'b', 'c') | trim }}{% endmacro %}
