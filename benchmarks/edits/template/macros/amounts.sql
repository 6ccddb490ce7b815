{% macro in_units(column) %}
    cast({{ column }} / 100 as decimal(18, 2))
{%- endmacro %}

{% macro discounted(column, percent) %}
    cast({{ column }} * (100 - {{ percent }}) / 100 as decimal(18, 2))
{%- endmacro %}
