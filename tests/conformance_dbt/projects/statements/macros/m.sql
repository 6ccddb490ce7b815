{% macro shout(text) %}
    {% if text is none %}{{ exceptions.raise_compiler_error('no text') }}{% endif %}
    {% do log('shouted ' ~ text, info=false) %}
    {{ return(text | upper) }}
{% endmacro %}
{% macro prepare() %}
    {% if execute %}
        {% do run_query('create table if not exists prepared (a integer)') %}
        {% do adapter.create_schema(api.Relation.create(database=target.database, schema='made_by_hook')) %}
        {% set rows = dbt_said() %}
    {% endif %}
{% endmacro %}
{% macro dbt_said() %}{% do run_query('insert into prepared values (1)') %}{% endmacro %}
