{# The mean of a measure on the last day is that of the four weeks before, as far as chance goes: within `sigmas`
   standard errors, and `slack` beyond them. #}
{% test last_day_is_usual(model, measure, by, sigmas=5, slack=0) %}
    with measured as (
        select {{ by }} as on_day, cast({{ measure }} as double) as measure, max({{ by }}) over () as last_day
        from {{ model }}
    ),

    last_day as (
        select avg(measure) as mean, count(measure) as counted
        from measured
        where on_day = last_day
    ),

    usual as (
        select avg(measure) as mean, stddev_samp(measure) as spread
        from measured
        where on_day < last_day and on_day >= last_day - interval '28 days'
    )

    select last_day.mean, usual.mean as usual, usual.spread, last_day.counted
    from last_day
    cross join usual
    where abs(last_day.mean - usual.mean) > {{ slack }} + {{ sigmas }} * usual.spread / sqrt(last_day.counted)
{% endtest %}
