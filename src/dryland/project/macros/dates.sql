{# Adding to dates, counting between them, cutting them off. Units are dbt's: year, quarter, month, week, day, hour ... #}
{% macro dateadd(datepart, interval, from_date_or_timestamp) -%}
    {{ return(adapter.dispatch('dateadd', 'dbt')(datepart, interval, from_date_or_timestamp)) }}
{%- endmacro %}

{% macro default__dateadd(datepart, interval, from_date_or_timestamp) -%}
    dateadd({{ datepart }}, {{ interval }}, {{ from_date_or_timestamp }})
{%- endmacro %}

{% macro duckdb__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {%- set unit = datepart | lower -%}
    {%- set times, step = {'quarter': (3, 'month'), 'week': (7, 'day')}.get(unit, (1, unit)) -%}
    {%- set count = 'cast(' ~ interval ~ ' as bigint)' -%}
    ({{ from_date_or_timestamp }} + {{ count if times == 1 else '(' ~ count ~ ' * ' ~ times ~ ')' }} * interval 1 {{ step }})
{%- endmacro %}

{# PostgreSQL has no interval of a quarter, and takes parts of a unit: half a day is twelve hours. #}
{% macro postgres__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {%- set step = '3 month' if datepart | lower == 'quarter' else '1 ' ~ datepart -%}
    ({{ from_date_or_timestamp }} + (interval '{{ step }}' * ({{ interval }})))
{%- endmacro %}

{% macro datediff(first_date, second_date, datepart) -%}
    {{ return(adapter.dispatch('datediff', 'dbt')(first_date, second_date, datepart)) }}
{%- endmacro %}

{% macro default__datediff(first_date, second_date, datepart) -%}
    datediff({{ datepart }}, {{ first_date }}, {{ second_date }})
{%- endmacro %}

{% macro duckdb__datediff(first_date, second_date, datepart) -%}
    {%- if datepart == 'week' -%}
    {{ _sundays_between(first_date, second_date, dbt.datediff(first_date, second_date, 'day') ~ ' // 7') }}
    {%- else -%}
    date_diff('{{ datepart }}', ({{ first_date }})::timestamp, ({{ second_date }})::timestamp)
    {%- endif -%}
{%- endmacro %}

{# What PostgreSQL counts from whole years or whole days down; the types of the counts are those that dbt's have. #}
{% macro postgres__datediff(first_date, second_date, datepart) -%}
    {%- set unit = datepart | lower -%}
    {%- set above = {
        'quarter': ('year', 4), 'month': ('year', 12), 'hour': ('day', 24), 'minute': ('hour', 60),
        'second': ('minute', 60), 'millisecond': ('minute', 60000), 'microsecond': ('minute', 60000000),
    } -%}
    {%- if unit == 'year' -%}
    ({{ _parts_between(first_date, second_date, 'year') }})
    {%- elif unit == 'day' -%}
    (({{ second_date }})::date - ({{ first_date }})::date)
    {%- elif unit == 'week' -%}
    {{ _sundays_between(first_date, second_date, dbt.datediff(first_date, second_date, 'day') ~ ' / 7') }}
    {%- elif unit in above -%}
    ({{ dbt.datediff(first_date, second_date, above[unit][0]) }} * {{ above[unit][1] }} + {{ _parts_between(first_date, second_date, unit) }})
    {%- else -%}
    {{ exceptions.raise_compiler_error("datediff on PostgreSQL knows no `" ~ datepart ~ "`") }}
    {%- endif -%}
{%- endmacro %}

{% macro _parts_between(first_date, second_date, part) -%}
    {%- set form = "floor(date_part('%s', (%s)::timestamp))" if 'second' in part else "date_part('%s', (%s)::timestamp)" -%}
    {{ form | format(part, second_date) }} - {{ form | format(part, first_date) }}
{%- endmacro %}

{# dbt's weeks: whole ones, and one more where a Sunday is passed. Backwards, it counts one more for equal weekdays too. #}
{% macro _sundays_between(first_date, second_date, whole_weeks) -%}
    ({{ whole_weeks }}
        + case when ({{ first_date }}) <= ({{ second_date }}) then 1 else 0 end
        - case when date_part('dow', ({{ first_date }})::timestamp) <= date_part('dow', ({{ second_date }})::timestamp) then 1 else 0 end)
{%- endmacro %}

{% macro date_trunc(datepart, date) -%}
    {{ return(adapter.dispatch('date_trunc', 'dbt')(datepart, date)) }}
{%- endmacro %}

{% macro default__date_trunc(datepart, date) -%}
    date_trunc('{{ datepart }}', {{ date }})
{%- endmacro %}

{% macro date(year, month, day) -%}
    {{ return(adapter.dispatch('date', 'dbt')(year, month, day)) }}
{%- endmacro %}

{% macro default__date(year, month, day) -%}
    to_date('{{ modules.datetime.date(year, month, day) }}', 'YYYY-MM-DD')
{%- endmacro %}

{% macro postgres__date(year, month, day) -%}
    make_date(cast({{ year }} as integer), cast({{ month }} as integer), cast({{ day }} as integer))
{%- endmacro %}

{% macro duckdb__date(year, month, day) -%}
    make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{% macro last_day(date, datepart) -%}
    {{ return(adapter.dispatch('last_day', 'dbt')(date, datepart)) }}
{%- endmacro %}

{% macro default__last_day(date, datepart) -%}
    {{ return(dbt.default_last_day(date, datepart)) }}
{%- endmacro %}

{# Under this name too, because packages for other warehouses call it. #}
{% macro default_last_day(date, datepart) -%}
    cast({{ dbt.dateadd('day', '-1', dbt.dateadd(datepart, '1', dbt.date_trunc(datepart, date))) }} as date)
{%- endmacro %}
