{% macro lim() %}id < {{ var('minimum') + 1 }}{% endmacro %}
{% macro cols() %}{{ return(['id', 'k']) }}{% endmacro %}
{% test unique(model, column_name) %}select {{ column_name }} as u from {{ model }} where {{ column_name }} is not null group by 1 having count(*) > 1 -- own{% endtest %}
{% test combo(model, columns, where_extra='true', quote=false) %}
{{ config(severity='warn', fail_calc='coalesce(sum(n), 0)', warn_if='>1') }}
select {% for c in columns %}{{ adapter.quote(c) if quote else c }}, {% endfor %} count(*) as n from {{ model }} where {{ where_extra }} group by {{ columns | join(', ') }} having count(*) >= 1
{% endtest %}
{% test no_args(model) %}select 1 from {{ model }} where false{% endtest %}
{% test other_rel(model, column_name, other, field) %}select * from {{ model }} where {{ column_name }} not in (select {{ field }} from {{ other }}){% endtest %}
