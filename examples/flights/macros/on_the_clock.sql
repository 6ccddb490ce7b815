{# The hour and minute that a number like 517 or 2400 stands for, in minutes after midnight. #}
{% macro on_the_clock(column) -%}
    ({{ column }} // 100) % 24 * 60 + {{ column }} % 100
{%- endmacro %}
