{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- if custom_alias_name -%} {{ custom_alias_name | trim }}
    {%- elif node.version -%} {{ node.name ~ "_version_" ~ (node.version | replace(".", "_")) }}
    {%- else -%} {{ node.name }}
    {%- endif -%}
{%- endmacro %}

{% macro euro(column, currency='usd') -%}
    {% set rates = var('rates') -%}
    round({{ column }} * {{ rates[currency] }}, 2)
{%- endmacro %}

{% macro columns_of_interest() %}
    {{ return(['amount', 'discount']) }}
{% endmacro %}

{% macro greet(name) %}{{ return(adapter.dispatch('greet', 'everything')(name)) }}{% endmacro %}
{% macro default__greet(name) %}'hello {{ name }}'{% endmacro %}
{% macro duckdb__greet(name) %}'quack {{ name }}'{% endmacro %}
