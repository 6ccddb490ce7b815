{% macro keep(results) %}
    {% do run_query("create table if not exists ledger_lines (id varchar, status varchar, said varchar, answer varchar, failures integer, timed varchar)") %}
    {% for each in results if each.node.resource_type in ('model', 'seed', 'test') %}
        {% set plain = each.to_dict() %}
        {% set timed = [] %}
        {% for timing in each.timing %}
            {% do timed.append(timing.name ~ ':' ~ (timing.to_dict()['completed_at'] | length) ~ timing.to_dict()['completed_at'][-1:]) %}
        {% endfor %}
        {% do run_query("insert into ledger_lines values ('" ~ each.node.unique_id ~ "', '" ~ plain['status'] ~ "', '" ~ each.message ~ "', '"
            ~ tojson(each.adapter_response, sort_keys=true) ~ "', " ~ (each.failures if each.failures is not none else 'null') ~ ", '" ~ timed | join(' ') ~ "')") %}
    {% endfor %}
{% endmacro %}
