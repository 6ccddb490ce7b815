{% macro rated(c) %}{{ c }} * {{ inner_rate() }}{% endmacro %} {% macro inner_rate() %}10{% endmacro %}
