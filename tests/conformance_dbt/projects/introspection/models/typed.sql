{{ config(materialized='table') }}
{%- set relation = ref('kinds') -%}
{%- set found = load_relation(relation) -%}
{%- set nothing = adapter.get_relation(database=target.database, schema='nowhere', identifier='nothing') -%}
select
    '{{ found is not none }}' as is_there, '{{ nothing is none }}' as is_absent,
    {% for column in adapter.get_columns_in_relation(relation) -%}
    '{{ column.data_type }}/{{ column.is_string() }}/{{ column.is_number() }}' as {{ column.name }}_type,
    {% endfor %}
    '{{ dbt_said() if dbt_said is defined else "nothing" }}' as said
