{# a comment with {% macro no() %} #}
{%- macro cents(column) -%}
    cast({{ column }} * 100 as integer)
{%- endmacro -%}

{% test above(model, column_name, value=0) %}
select * from {{ model }} where {{ column_name }} <= {{ value }}
{% endtest %}
