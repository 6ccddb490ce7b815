{# What strategies of a project's own build on; Dryland writes dbt's own two itself. #}
{% macro snapshot_hash_arguments(args) -%}
    {{ return(adapter.dispatch('snapshot_hash_arguments', 'dbt')(args)) }}
{%- endmacro %}

{% macro default__snapshot_hash_arguments(args) -%}
    {%- set texts = [] -%}
    {%- for arg in args -%}{%- do texts.append("coalesce(cast(" ~ arg ~ " as varchar), '')") -%}{%- endfor -%}
    md5({{ texts | join(" || '|' || ") }})
{%- endmacro %}
