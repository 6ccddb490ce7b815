{% macro column_values(relation, column) %}
    {%- call statement('values_of', fetch_result=true) -%}
        select {{ column }} as value from {{ relation }} group by 1 order by 1
    {%- endcall -%}
    {%- set found = load_result('values_of') -%}
    {{ return(found['data'] | map(attribute=0) | list if found else []) }}
{% endmacro %}

{% macro star_without(relation, without=[], prefix='') %}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- for column in adapter.get_columns_in_relation(relation) if column.name not in without -%}
            {%- do names.append(adapter.quote(column.name) ~ ' as ' ~ adapter.quote(prefix ~ column.name)) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names | join(', ') or '*') }}
{% endmacro %}

{% macro union_of(relations) %}
    {%- set columns = {} -%}
    {%- for relation in relations -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do columns.setdefault(column.name, column.data_type) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for relation in relations %}
    {%- set there = adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
    select
        {{ loop.index }} as came_from
        {%- for name, type in columns.items() %},
        cast({{ adapter.quote(name) if name in there else 'null' }} as {{ type }}) as {{ adapter.quote(name) }}
        {%- endfor %}
    from {{ relation }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{% endmacro %}

{% test no_more_kinds_than(model, column_name, of) %}
    {%- set allowed = column_values(of, 'kind') %}
    select {{ column_name }} from {{ model }}
    where {{ column_name }} not in ('none', {% for kind in allowed %}'{{ kind }}'{{ ', ' if not loop.last }}{% endfor %})
{% endtest %}
