{{ config(materialized='table') }}
{{ dbt.generate_series(10) }}
