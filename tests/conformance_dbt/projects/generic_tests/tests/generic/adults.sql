{% test adults(model, column_name) %}
    select {{ column_name }} as age from {{ model }} where {{ column_name }} < 18
{% endtest %}
