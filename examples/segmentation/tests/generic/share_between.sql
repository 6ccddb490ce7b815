{# The share of rows for which a column is true lies within what the business calls possible. #}
{% test share_between(model, column_name, at_least, at_most) %}
    with measured as (
        select avg(case when {{ column_name }} then 1.0 else 0.0 end) as share
        from {{ model }}
    )

    select share
    from measured
    where share < {{ at_least }} or share > {{ at_most }}
{% endtest %}
