with days as (
    {{ dbt.date_spine('day', "cast('2026-01-01' as date)", "cast('2026-01-04' as date)") }}
),

series as ({{ dbt.generate_series(5) }})

select date_day, generated_number from days cross join series
