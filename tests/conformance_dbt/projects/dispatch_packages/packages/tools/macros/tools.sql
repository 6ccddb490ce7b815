{% macro surrogate(columns) %}{{ return(adapter.dispatch('surrogate', 'tools')(columns)) }}{% endmacro %}
{% macro default__surrogate(columns) %}{% do exceptions.raise_compiler_error("not this one") %}{% endmacro %}
{% macro duckdb__surrogate(columns) %}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append("coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '_')") -%}
        {%- if not loop.last %}{% do parts.append("'-'") %}{% endif -%}
    {%- endfor -%}
    md5({{ dbt.concat(parts) }})
{% endmacro %}

{% macro label() %}{{ return(adapter.dispatch('label', 'tools')()) }}{% endmacro %}
{% macro default__label() %}'tools'{% endmacro %}

{% macro greeting() %}{{ return(adapter.dispatch('greeting', macro_namespace='tools')()) }}{% endmacro %}
{% macro default__greeting() %}'default ' || {{ tools.label() }} || ' {{ var("suffix", "unseen") }} {{ var("only_tools", "unseen") }}'{% endmacro %}

{% macro chained(n) %}{{ adapter.dispatch('chained', 'tools')(n) }}{% endmacro %}
{% macro default__chained(n) %}{{ base.doubled(n) }} + 1{% endmacro %}

{% macro same_name() %}'tools'{% endmacro %}

{% test at_least(model, column_name, minimum=0) %}
    select {{ column_name }} from {{ model }} where {{ column_name }} < {{ minimum }}
{% endtest %}
