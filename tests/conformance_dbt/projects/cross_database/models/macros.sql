{{ config(materialized='table') }}
select
    id,
    {{ dbt.dateadd('month', 1, 'day') }} as next_month, {{ dbt.datediff("cast('2026-01-01' as date)", 'day', 'week') }} as weeks,
    {{ dbt.date_trunc('quarter', 'day') }} as quarter_, {{ dbt.last_day('day', 'month') }} as last_,
    {{ dbt.concat(['word', "'-'", 'word']) }} as twice, {{ dbt.hash('word') }} as hashed, {{ dbt.length('word') }} as len,
    {{ dbt.split_part('word', "'a'", 2) }} as part, {{ dbt.replace('word', "'a'", "'o'") }} as replaced,
    {{ dbt.right('word', 2) }} as right_, {{ dbt.position("'m'", 'word') }} as pos,
    {{ dbt.safe_cast("'12'", dbt.type_int()) }} as unsafe, {{ dbt.cast('id', dbt.type_string()) }} as text_,
    {{ dbt.cast_bool_to_text('flag') }} as flag_text, {{ dbt.string_literal('it') }} as literal,
    '{{ dbt.escape_single_quotes("it's") }}' as escaped, {{ dbt.date(2026, 2, 3) if dbt.date is defined else 'null' }} as dated,
    cast(id as {{ dbt.type_bigint() }}) as big, cast(id as {{ dbt.type_float() }}) as float_,
    cast(id as {{ dbt.type_numeric() }}) as num, cast(day as {{ dbt.type_timestamp() }}) as stamp,
    cast(flag as {{ dbt.type_boolean() }}) as bool_,
    {{ dbt.array_construct(['id', '2']) }} as arr, {{ dbt.array_append(dbt.array_construct(['id']), '5') }} as appended,
    {{ dbt.array_concat(dbt.array_construct(['id']), dbt.array_construct(['7'])) }} as concatenated
from {{ ref('rows') }}
