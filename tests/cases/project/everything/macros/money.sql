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

{% macro bracketed() %}({{ caller() }}){% endmacro %}

{% macro total(columns) %}
    {%- set ns = namespace(terms=[]) -%}
    {%- for column in columns if column is not none -%}
        {%- do ns.terms.append('coalesce(' ~ column ~ ', 0)') -%}
    {%- endfor -%}
    {{ ns.terms | join(' + ') }}
{%- endmacro %}
