{% macro toolbox__rounded(expression, digits=0) %}round({{ expression }}, {{ digits }}) + 0{% endmacro %}
{% macro default__quoted_list(values) %}{{ kit.default__quoted_list(values | reverse | list) }}{% endmacro %}
{% macro weighted_case(regions) %}
    case {% for region in regions %}when region = '{{ region }}' then {{ caller(region, loop.index) }} {% endfor %}else 0 end
{% endmacro %}
