{% macro duckdb__dateadd(datepart, interval, from_date_or_timestamp) %}date '1999-01-01'{% endmacro %}
{% macro is_incremental() %}{% if this.identifier == 'never' %}{{ return(false) }}{% endif %}{% if not execute %}{{ return(False) }}{% endif %}{% set r = load_relation(this) %}{{ return(r is not none and config.get('materialized') == 'incremental' and not should_full_refresh()) }}{% endmacro %}
{% macro default__should_store_failures() %}{{ return(true) }}{% endmacro %}
{% macro duckdb__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) %}delete from {{ target }} where true; insert into {{ target }} select {{ dest_columns | map(attribute='quoted') | join(', ') }} from {{ source }}{% endmacro %}
{% macro get_x() %}root{% endmacro %}
{% macro get_incremental_append_sql(d) %}insert into {{ d['target_relation'] }} select * from {{ d['temp_relation'] }} union all select -1, 'own append'{% endmacro %}
{% macro default__test_unique(model, column_name) %}select {{ column_name }} from {{ model }} where {{ column_name }} > 1{% endmacro %}
