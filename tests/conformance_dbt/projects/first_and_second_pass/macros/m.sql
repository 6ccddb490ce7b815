{% macro since(col) %}{% if is_incremental() %}where {{ col }} > (select coalesce(max({{ col }}), 0) from {{ this }}){% endif %}{% endmacro %}
{% macro inc() %}{{ return(is_incremental()) }}{% endmacro %}
{% macro lazy() %}{% if execute and is_incremental() %}inc{% else %}full{% endif %}{% endmacro %}
