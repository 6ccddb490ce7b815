{% macro ws() -%}

  a

  {%- if true %} b {%- else -%} c {% endif -%}
  {# comment #}
  {%- for x in [1,2] -%}
   {{- x -}}
  {%- endfor %}

{% endmacro %}
