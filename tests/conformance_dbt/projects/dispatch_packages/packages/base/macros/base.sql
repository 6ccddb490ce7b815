{% macro doubled(n) %}{{ adapter.dispatch('doubled', 'base')(n) }}{% endmacro %}
{% macro default__doubled(n) %}({{ n }} * 2){% endmacro %}
{% macro same_name() %}'base'{% endmacro %}
