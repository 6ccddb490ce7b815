{# The last days that have not between 60 and 160 percent of the rows that the four weeks before them had a day. #}
{% macro days_of_unusual_volume(relation, by, days=14) %}
with daily as (
    select {{ by }} as on_day, count(*) as found
    from {{ relation }}
    group by {{ by }}
),

compared as (
    select
        on_day,
        found,
        avg(found) over (order by on_day rows between 28 preceding and 1 preceding) as usual,
        max(on_day) over () as last_day
    from daily
)

select on_day, found, usual
from compared
where on_day > last_day - interval '{{ days }} days'
    and (found < 0.6 * usual or found > 1.6 * usual)
{% endmacro %}
