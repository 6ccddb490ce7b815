{% macro noted(what, about) %}insert into audit_log values ('{{ what }}', '{{ about }}'){% endmacro %}
{% macro counted() %}
    {% if execute %}
        {% set n = run_query('select count(*) from ' ~ this).columns[0].values()[0] %}
        insert into audit_log values ('counted', '{{ model.name }} {{ n }}')
    {% endif %}
{% endmacro %}
