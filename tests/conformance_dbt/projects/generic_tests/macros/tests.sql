{% test between(model, column_name, low, high=150) %}
    {{ config(severity='warn') }}
    select * from {{ model }} where {{ column_name }} not between {{ low }} and {{ high }}
{% endtest %}

{% test rows_at_least(model, minimum, by=[]) %}
    {{ config(fail_calc='coalesce(max(missing), 0)', error_if='> 100') }}
    select {{ minimum }} - count(*) as missing from {{ model }} having count(*) < {{ minimum }}
    {% if by %} -- {{ by | join(', ') }} {% endif %}
{% endtest %}
