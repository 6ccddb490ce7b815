{% macro star(from, alias=none, except=[], prefix='', suffix='') -%}
    {{ return(adapter.dispatch('star', 'kit')(from, alias, except, prefix, suffix)) }}
{% endmacro %}

{% macro default__star(from, alias, except, prefix, suffix) -%}
    {%- set names = kit.columns_except(from, except) -%}
    {%- if not execute or names | length == 0 -%}
        *
    {%- else -%}
        {%- for name in names %}
            {%- if alias %}{{ alias }}.{% endif %}{{ adapter.quote(name) }}{% if prefix or suffix %} as {{ adapter.quote(prefix ~ name ~ suffix) }}{% endif %}
            {%- if not loop.last %},{{ '\n  ' }}{% endif %}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro pivot(column, values, agg='sum', cmp='=', then_value=1, else_value=0, quote=true, prefix='', suffix='') -%}
    {%- for value in values %}
    {{ agg }}(
        case when {{ column }} {{ cmp }} '{{ dbt.escape_single_quotes(value) }}' then {{ then_value }} else {{ else_value }} end
    )
    {%- if quote %} as {{ adapter.quote(prefix ~ value ~ suffix) }}{% else %} as {{ kit.slug(prefix ~ value ~ suffix) }}{% endif %}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{% macro slug(text) %}
    {%- set text = text | lower -%}
    {%- set text = modules.re.sub('[ -]+', '_', text) -%}
    {%- set text = modules.re.sub('[^a-z0-9_]+', '', text) -%}
    {{ return(text) }}
{% endmacro %}

{% macro unpivot(relation, cast_to='varchar', exclude=[], remove=[], field='field', value='value') %}
    {%- set kept = {'exclude': exclude, 'take': []} -%}
    {%- for each in adapter.get_columns_in_relation(relation) if each.name not in exclude + remove -%}
        {%- do kept['take'].append(each) -%}
    {%- endfor -%}
    {%- for each in kept.take -%}
        {{ "union all" if not loop.first }}
        select
            {%- for name in kept.exclude %} {{ name }},{% endfor %}
            cast('{{ each.column }}' as {{ dbt.type_string() }}) as {{ field }},
            cast({{ each.column }} as {{ cast_to }}) as {{ value }}
        from {{ relation }}
    {%- endfor -%}
{% endmacro %}

{% macro union_relations(relations, include=[], source_column='_from', where=none) -%}
    {%- set superset, by_relation = {}, {} -%}
    {%- for relation in relations -%}
        {%- do by_relation.update({relation: []}) -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- if not include or column.column in include -%}
                {%- do by_relation[relation].append(column.column) -%}
                {%- if column.column in superset -%}
                    {%- if column.is_string() and superset[column.column].is_string() and column.string_size() > superset[column.column].string_size() -%}
                        {%- do superset.update({column.column: column}) -%}
                    {%- endif -%}
                {%- else -%}
                    {%- do superset.update({column.column: column}) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for relation in relations %}
    (
        select
            cast({{ loop.index }} as {{ dbt.type_string() }}) as {{ source_column }}
            {%- for name in superset.keys() %},
            cast({{ adapter.quote(name) if name in by_relation[relation] else 'null' }} as {{ superset[name].data_type }}) as {{ adapter.quote(name) }}
            {%- endfor %}
        from {{ relation }}
        {% if where %}where {{ where }}{% endif %}
    )
    {% if not loop.last %}union all{% endif %}
    {%- endfor -%}
{%- endmacro %}

{% macro surrogate(fields) -%}{{ return(adapter.dispatch('surrogate', 'kit')(fields)) }}{% endmacro %}
{%- macro default__surrogate(fields) -%}
    {%- set parts = [] -%}
    {%- for field in fields -%}
        {%- do parts.append("coalesce(cast(" ~ field ~ " as " ~ dbt.type_string() ~ "), '" ~ var('surrogate_null', '_null_') ~ "')") -%}
        {%- if not loop.last %}{%- do parts.append("'-'") -%}{%- endif -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(parts)) }}
{%- endmacro -%}

{% macro rounded(expression, digits=0) %}{{ return(adapter.dispatch('rounded', 'kit')(expression, digits=digits)) }}{% endmacro %}
{% macro default__rounded(expression, digits) %}round({{ expression }}){% endmacro %}

{% macro quoted_list(values) %}{{ return(adapter.dispatch('quoted_list', 'kit')(values)) }}{% endmacro %}
{% macro default__quoted_list(values) -%}
    {%- for value in values -%}'{{ value }}'{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{% macro group_by(n) -%} group by {% for i in range(1, n + 1) -%}{{ i }}{{ ', ' if not loop.last }}{%- endfor -%} {%- endmacro %}

{% macro newest(relation, by, order) -%}{{ return(adapter.dispatch('newest', 'kit')(relation, by, order)) }}{%- endmacro %}
{% macro default__newest(relation, by, order) %}select * from (select *, row_number() over (partition by {{ by }} order by {{ order }}) as rn from {{ relation }}) where rn = 1{% endmacro %}
{% macro duckdb__newest(relation, by, order) %}select * from {{ relation }} qualify row_number() over (partition by {{ by }} order by {{ order }}) = 1{% endmacro %}

{% macro powers_of_two(bound) %}
    {%- if bound <= 0 %}{{ exceptions.raise_compiler_error("the bound must be over 0") }}{% endif -%}
    {%- for n in range(1, 100) -%}{%- if bound <= 2 ** n -%}{{ return(n) }}{%- endif -%}{%- endfor -%}
{% endmacro %}
{% macro series(bound) %}
    {% set n = kit.powers_of_two(bound) %}
    with p as (select 0 as number union all select 1), counted as (
        select {% for i in range(n) %}p{{ i }}.number * power(2, {{ i }}){% if not loop.last %} + {% endif %}{% endfor %} + 1 as number
        from {% for i in range(n) %}p as p{{ i }}{% if not loop.last %} cross join {% endif %}{% endfor %}
    )
    select cast(number as integer) as number from counted where number <= {{ bound }}
{% endmacro %}
