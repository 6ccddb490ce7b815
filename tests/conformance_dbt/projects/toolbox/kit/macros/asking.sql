{% macro distinct_values(relation, column, where=none, order='1', max_records=none, default=none) -%}
    {{ return(adapter.dispatch('distinct_values', 'kit')(relation, column, where, order, max_records, default)) }}
{%- endmacro %}

{% macro default__distinct_values(relation, column, where, order, max_records, default) %}
    {%- if not execute -%}
        {%- set default = [] if not default -%}
        {{ return(default) }}
    {%- endif -%}
    {%- set found = load_relation(relation) -%}
    {%- if found is none and default is not none -%}{{ return(default) }}{%- endif -%}
    {%- call statement('distinct_values', fetch_result=true) %}
        select {{ column }} as value
        from {{ relation }}
        {% if where is not none %}where {{ where }}{% endif %}
        group by {{ column }}
        order by {{ order }}
        {% if max_records is not none %}limit {{ max_records }}{% endif %}
    {% endcall -%}
    {%- set answer = load_result('distinct_values') -%}
    {%- if answer and answer['data'] -%}
        {{ return(answer['data'] | map(attribute=0) | list) }}
    {%- endif -%}
    {{ return(default or []) }}
{% endmacro %}

{% macro columns_except(from, except=[]) -%}
    {%- set wanted = [] -%}
    {%- set except = except | map('lower') | list -%}
    {%- for each in adapter.get_columns_in_relation(from) -%}
        {%- if each.column | lower not in except %}{% do wanted.append(each.column) %}{% endif -%}
    {%- endfor -%}
    {{ return(wanted) }}
{%- endmacro %}

{% macro as_dictionary(query) %}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- set table = run_query(query) -%}
        {%- for column in table.column_names -%}
            {%- do found.update({column: table.columns[column].values() | list}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{% macro single_value(query, default=none) %}
    {%- if execute -%}
        {%- set table = run_query(query) -%}
        {%- if table.rows | length > 0 -%}{{ return(table.rows[0][0]) }}{%- endif -%}
    {%- endif -%}
    {{ return(default) }}
{% endmacro %}
