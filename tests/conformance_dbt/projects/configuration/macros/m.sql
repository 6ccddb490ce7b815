{% macro show(c) %}{{ c.get('schema') }}/{{ config.get('alias') }}/{{ config.get('enabled') }}/{{ config.get('group') }}{% endmacro %}
