{% macro dbt_utils_like(r) %}{% set d = {} %}{% for c in r.columns %}{% do d.update({c.name | upper: c.values() | list}) %}{% endfor %}{{ return(d.keys() | list | length) }}{% endmacro %}
{% macro stmt() %}{% call statement('x', fetch_result=True) %}select max(id) as m, min(name) nm from {{ ref('base') }}{% endcall %}{{ return(load_result('x')) }}{% endmacro %}
{% macro rel_exists(r) %}{{ return(adapter.get_relation(r.database, r.schema, r.identifier) is not none) }}{% endmacro %}
{% macro set_sql() %}{% set x %}a{{ 1 }}b{% endset %}{{ return(x) }}{% endmacro %}
