{{ config(materialized='table') }}
{{ kit.series(11) }}
