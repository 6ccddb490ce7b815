{# Dates and times, as dbt names them. #}
{% macro dateadd(datepart, interval, from_date_or_timestamp) -%}
    {{ return(adapter.dispatch('dateadd', 'dbt')(datepart, interval, from_date_or_timestamp)) }}
{%- endmacro %}

{% macro default__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {{ from_date_or_timestamp }} + ((interval '1 {{ datepart }}') * ({{ interval }}))
{%- endmacro %}

{% macro duckdb__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {%- set months = {'quarter': 3} -%}{%- set days = {'week': 7} -%}
    {%- set unit = datepart | lower | trim -%}
    {%- set step = 'month' if unit in months else 'day' if unit in days else unit -%}
    {%- set times = months.get(unit) or days.get(unit) -%}
    ({{ from_date_or_timestamp }} + {{ '(' if times }}cast({{ interval }} as bigint){{ ' * ' ~ times ~ ')' if times }} * interval 1 {{ step }})
{%- endmacro %}

{% macro datediff(first_date, second_date, datepart) -%}
    {{ return(adapter.dispatch('datediff', 'dbt')(first_date, second_date, datepart)) }}
{%- endmacro %}

{% macro duckdb__datediff(first_date, second_date, datepart) -%}
    {%- if datepart | lower | trim == 'week' -%}
    (date_diff('day', {{ _sunday_of(first_date) }}, {{ _sunday_of(second_date) }}) // 7)
    {%- else -%}
    date_diff('{{ datepart }}', ({{ first_date }})::timestamp, ({{ second_date }})::timestamp)
    {%- endif -%}
{%- endmacro %}

{# dbt counts the Sundays between two dates; what DuckDB calls weeks are something else. #}
{% macro _sunday_of(date) -%}
    (({{ date }})::timestamp::date - dayofweek(({{ date }})::timestamp)::integer)
{%- endmacro %}

{% macro default__datediff(first_date, second_date, datepart) -%}
    datediff({{ datepart }}, {{ first_date }}, {{ second_date }})
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
    cast('{{ "%04d-%02d-%02d" | format(year | int, month | int, day | int) }}' as date)
{%- endmacro %}

{% macro duckdb__date(year, month, day) -%}
    make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{% macro last_day(date, datepart) -%}
    {{ return(adapter.dispatch('last_day', 'dbt')(date, datepart)) }}
{%- endmacro %}

{% macro default__last_day(date, datepart) -%}
    cast({{ dateadd('day', '-1', dateadd(datepart, '1', date_trunc(datepart, date))) }} as date)
{%- endmacro %}

{% macro current_timestamp() -%}
    {{ return(adapter.dispatch('current_timestamp', 'dbt')()) }}
{%- endmacro %}

{% macro default__current_timestamp() -%}
    now()
{%- endmacro %}

{% macro current_timestamp_backcompat() -%}
    cast({{ current_timestamp() }} as {{ type_timestamp() }})
{%- endmacro %}

{% macro get_powers_of_two(upper_bound) -%}
    {%- if upper_bound <= 0 -%}
        {{ exceptions.raise_compiler_error("upper bound must be positive") }}
    {%- endif -%}
    {%- for power in range(1, 100) -%}
        {%- if upper_bound <= 2 ** power -%}{{ return(power) }}{%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro generate_series(upper_bound) -%}
    {{ return(adapter.dispatch('generate_series', 'dbt')(upper_bound)) }}
{%- endmacro %}

{% macro default__generate_series(upper_bound) -%}
    select generated_number from generate_series(1, {{ upper_bound }}) as numbers(generated_number)
{%- endmacro %}

{% macro get_intervals_between(start_date, end_date, datepart) -%}
    {%- set answer = run_query("select " ~ datediff(start_date, end_date, datepart)) -%}
    {{ return(answer.columns[0].values()[0] if answer else 1) }}
{%- endmacro %}

{% macro date_spine(datepart, start_date, end_date) -%}
    {{ return(adapter.dispatch('date_spine', 'dbt')(datepart, start_date, end_date)) }}
{%- endmacro %}

{% macro default__date_spine(datepart, start_date, end_date) -%}
    select date_{{ datepart }}
    from (
        select cast({{ dateadd(datepart, 'generated_number', start_date) }} as timestamp) as date_{{ datepart }}
        from (select unnest(generate_series(0, {{ datediff(start_date, end_date, datepart) }} - 1)) as generated_number) as numbers
    ) as days
    where date_{{ datepart }} <= {{ end_date }}
{%- endmacro %}
