{% test rows_there(model) %}select count(*) as n from {{ model }} having count(*) = 0{% endtest %}
