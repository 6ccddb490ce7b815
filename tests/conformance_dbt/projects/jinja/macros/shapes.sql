{% macro columns_of(kind) %}
    {% set all = {'person': ['id', 'name'], 'order': ['id', 'amount', 'person_id']} %}
    {{ return(all[kind]) }}
{% endmacro %}

{% macro described(names) -%}
    {%- set found = [] -%}
    {%- for name in names -%}
        {%- do found.append({'name': name, 'position': loop.index, 'last': loop.last}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro wrapped(prefix) %}
    {{ prefix }}({{ caller('inner', 3) }})
{% endmacro %}

{% macro repeated(times) -%}
    {%- for n in range(times) -%}
        {{ caller(n) }}{{ ' + ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro whole_model(rows, extra=none) %}
    {%- if extra is not none %}
    -- {{ extra }}
    {%- endif %}
    {% for row in rows %}
    select {% for key, value in row.items() %}{{ value if value is number else "'" ~ value ~ "'" }} as {{ key }}{{ ", " if not loop.last }}{% endfor %}
    {%- if not loop.last %} union all{% endif %}
    {% endfor %}
{% endmacro %}

{% macro takes_all() %}
    {{ return([varargs | list, kwargs]) }}
{% endmacro %}

{% macro fibonacci(n) %}
    {%- if n < 2 -%}{{ return(n) }}{%- endif -%}
    {{ return(fibonacci(n - 1) + fibonacci(n - 2)) }}
{% endmacro %}
