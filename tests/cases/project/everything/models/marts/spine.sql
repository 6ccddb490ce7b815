{{- config(materialized='table', tags=['spine'] + ['built'], meta=dict(rows=3)) -}}
with days as (
    select cast('2026-01-01' as date) as date_day
),

series as (select 5 as generated_number)

select
    {{ dbt.date_trunc('month', 'date_day') }} as month_of,
    {{ dbt.datediff("date_day", "cast('2026-02-01' as date)", 'day') }} as days_left,
    {{ dbt.last_day('date_day', 'month') }} as ends,
    {{ dbt.safe_cast("'12'", 'integer') }} as casted,
    {{ dbt.concat(["'a'", "'b'"]) }} as both_words,
    {{ dbt.hash("'x'") }} as hashed,
    {{ dbt.length("'abc'") }} as long,
    {{ dbt.position("'b'", "'abc'") }} as place,
    {{ dbt.replace("'abc'", "'b'", "'d'") }} as swapped,
    {{ dbt.right("'abc'", 2) }} as ending,
    {{ dbt.split_part("'a-b-c'", "'-'", 2) }} as middle,
    {{ dbt.string_literal(dbt.escape_single_quotes("it's")) }} as quoted,
    {{ dbt.cast("'1'", dbt.type_bigint()) }} as big,
    cast(1 as {{ dbt.type_numeric() }}) as exact,
    cast(1 as {{ dbt.type_float() }}) as rough,
    cast('x' as {{ dbt.type_string() }}) as words,
    cast(1 as {{ dbt.type_int() }}) as whole,
    cast(true as {{ dbt.type_boolean() }}) as truth,
    cast('2026-01-01' as {{ type_timestamp() }}) as moment,
    {{ dbt.array_construct([1, 2]) }} as listed,
    {{ dbt.array_append(dbt.array_construct([1, 2]), 3) }} as longer,
    {{ dbt.array_concat('[1]', '[2]') }} as joined,
    {{ dbt.cast_bool_to_text('true') }} as spoken,
    {{ helpful.shout('hey') }} as shouted,
    {% call bracketed() %}select max(generated_number) from series{% endcall %} as most,
    {{ total(['1', none, '2']) }} as three
from days
