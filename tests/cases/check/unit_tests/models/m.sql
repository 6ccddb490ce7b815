select id, name, amount * {{ var('rate') }} as double_amount, on_day, tags, pair, big, '{{ env_var('WHO','nobody') }}' as who, {{ rated('amount') }} as rated from {{ ref('stg') }}
