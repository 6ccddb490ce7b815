{% test holds(model, expression, column_name=none) %}
    {%- set said = expression if column_name is none else [column_name, expression] | join(' ') %}
    {{ config(fail_calc='count(*)') }}
    select 1 as broken from {{ model }} where not ({{ said }})
{% endtest %}

{% test same_rows(model, compare_to, columns=none) %}
    {%- if not execute %}{{ return('') }}{% endif -%}
    {%- set columns = columns or kit.columns_except(model) -%}
    {%- set listed %}{% for name in columns %}{{ adapter.quote(name) }}{{ ', ' if not loop.last }}{% endfor %}{% endset %}
    with a as (select {{ listed }} from {{ model }}), b as (select {{ listed }} from {{ compare_to }}),
    a_minus_b as (select * from a {{ dbt.except() }} select * from b),
    b_minus_a as (select * from b {{ dbt.except() }} select * from a)
    select 'a' as side, * from a_minus_b union all select 'b' as side, * from b_minus_a
{% endtest %}

{% test unique_together(model, columns, quote_columns=false) %}
    {%- set listed = [] -%}
    {%- for name in columns %}{% do listed.append(adapter.quote(name) if quote_columns else name) %}{% endfor -%}
    select {{ listed | join(', ') }} from {{ model }} group by {{ listed | join(', ') }} having count(*) > 1
{% endtest %}

{% test values_of(model, column_name, to, field) %}
    {%- set allowed = kit.distinct_values(to, field, default=['nothing']) -%}
    select {{ column_name }} from {{ model }} where {{ column_name }} not in ({{ kit.quoted_list(allowed) }})
{% endtest %}

{% test at_least_one(model, column_name, group_by=[]) %}
    {% set by = group_by | join(', ') %}
    select {{ by ~ ', ' if by }} count({{ column_name }}) as filled from {{ model }}
    {{ 'group by ' ~ by if by }} having count({{ column_name }}) = 0
{% endtest %}
