{{ config(materialized='table') }}
{{ dbt.date_spine('day', "cast('2026-01-01' as date)", "cast('2026-01-10' as date)") }}
