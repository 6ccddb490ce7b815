{# Every value that is there lies between two bounds, bounds included. #}
{% test within(model, column_name, at_least, at_most) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} < {{ at_least }} or {{ column_name }} > {{ at_most }}
{% endtest %}
