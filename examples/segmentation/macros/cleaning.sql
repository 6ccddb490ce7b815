{# A moment that the web shop writes as 2026-02-28 13:05:09, and the tills as 28.02.2026 13:05. #}
{% macro parse_moment(column) -%}
    coalesce(try_cast({{ column }} as timestamp), try_strptime({{ column }}, '%d.%m.%Y %H:%M'))
{%- endmacro %}

{# Text without blanks around it or twice in a row; null when nothing is left. #}
{% macro tidy(column) -%}
    nullif(trim(regexp_replace({{ column }}, '\s+', ' ', 'g')), '')
{%- endmacro %}

{# The CRM's three ways of saying yes. #}
{% macro is_yes(column) -%}
    lower({{ column }}) in ('yes', 'y', '1')
{%- endmacro %}
