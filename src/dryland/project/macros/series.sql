{# Numbers and dates in a row. #}
{% macro get_powers_of_two(upper_bound) -%}
    {{ return(adapter.dispatch('get_powers_of_two', 'dbt')(upper_bound)) }}
{%- endmacro %}

{% macro default__get_powers_of_two(upper_bound) -%}
    {%- if upper_bound <= 0 -%}
        {{ exceptions.raise_compiler_error("upper bound must be positive") }}
    {%- endif -%}
    {%- for power in range(1, 100) if upper_bound <= 2 ** power -%}{{ return(power) }}{%- endfor -%}
{%- endmacro %}

{% macro generate_series(upper_bound) -%}
    {{ return(adapter.dispatch('generate_series', 'dbt')(upper_bound)) }}
{%- endmacro %}

{# Every warehouse can do this: one bit per join. The numbers are floating, because powers are. #}
{% macro default__generate_series(upper_bound) -%}
    {%- set bits = range(dbt.get_powers_of_two(upper_bound)) -%}
    with bit as (select 0 as value union all select 1),
    numbers as (
        select {% for power in bits %}bit_{{ power }}.value * power(2, {{ power }}) + {% endfor %}1 as generated_number
        from {% for power in bits %}bit as bit_{{ power }}{{ ' cross join ' if not loop.last }}{% endfor %}
    )
    select generated_number from numbers where generated_number <= {{ upper_bound }} order by generated_number
{%- endmacro %}

{% macro duckdb__generate_series(upper_bound) -%}
    select generated_number from generate_series(1, {{ upper_bound }}) as numbers(generated_number)
{%- endmacro %}

{% macro get_intervals_between(start_date, end_date, datepart) -%}
    {{ return(adapter.dispatch('get_intervals_between', 'dbt')(start_date, end_date, datepart)) }}
{%- endmacro %}

{% macro default__get_intervals_between(start_date, end_date, datepart) -%}
    {%- set answer = run_query("select " ~ dbt.datediff(start_date, end_date, datepart)) -%}
    {{ return(answer.columns[0].values()[0] if answer else 1) }}
{%- endmacro %}

{% macro date_spine(datepart, start_date, end_date) -%}
    {{ return(adapter.dispatch('date_spine', 'dbt')(datepart, start_date, end_date)) }}
{%- endmacro %}

{# The count is part of the query, where dbt asks for it first: so a plan needs no warehouse, and the key knows the dates. #}
{% macro default__date_spine(datepart, start_date, end_date) -%}
    select date_{{ datepart }}
    from (
        select {{ dbt.dateadd(datepart, 'numbers.n', start_date) }} as date_{{ datepart }}
        from {{ _numbers_below(dbt.datediff(start_date, end_date, datepart)) }}
    ) as every_date
    where date_{{ datepart }} <= {{ end_date }}
{%- endmacro %}

{% macro _numbers_below(count) -%}
    {{ return(adapter.dispatch('_numbers_below', 'dbt')(count)) }}
{%- endmacro %}

{% macro default___numbers_below(count) -%}
    generate_series(0, cast({{ count }} as bigint) - 1) as numbers(n)
{%- endmacro %}

{# DuckDB's table function takes no subquery, its function of lists does. #}
{% macro duckdb___numbers_below(count) -%}
    (select unnest(generate_series(0, {{ count }} - 1)) as n) as numbers
{%- endmacro %}
