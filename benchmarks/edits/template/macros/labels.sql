{% macro cleaned(column) %}
    trim({{ column }})
{%- endmacro %}

{% macro size_of(column, big=none) %}
    case
        when {{ column }} >= {{ big or var('big_amount') }} then 'big'
        when {{ column }} > 0 then 'small'
        else 'none'
    end
{%- endmacro %}

{% macro share(part, whole) %}
    round(100.0 * {{ part }} / nullif({{ whole }}, 0), 1)
{%- endmacro %}
