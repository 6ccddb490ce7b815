-- depends_on: {{ ref('one') }} {{ ref('shown') }}
{{ config(materialized='table') }}
select * from log_hooks
