{# The columns in which every mart tells how punctual its flights were. #}
{% macro delays() %}
    count(*) as flights,
    count(*) filter (where outcome = 'cancelled') as cancelled,
    count(*) filter (where is_late) as late,
    cast(avg(arrival_delay) as decimal(8, 2)) as mean_arrival_delay,
    cast(avg(case when outcome = 'flown' then cast(is_late as integer) end) as decimal(5, 4)) as late_share
{% endmacro %}
