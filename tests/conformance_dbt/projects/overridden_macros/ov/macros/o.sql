{% macro default__concat(fields) %}concat_ws('-', {{ fields | join(', ') }}){% endmacro %}
{% macro duckdb__current_timestamp() %}timestamp '2020-01-01'{% endmacro %}
{% macro is_incremental() %}{{ return(false) }}{% endmacro %}
