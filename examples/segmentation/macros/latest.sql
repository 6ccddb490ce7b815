{# The last version of each row of a table that is exported at least once. #}
{% macro latest(relation, key, by) %}
    select *
    from {{ relation }}
    qualify row_number() over (partition by {{ key }} order by {{ by }} desc) = 1
{% endmacro %}
