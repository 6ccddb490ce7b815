{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=['who', 'day']) }}
select who, day, sum(n) as n from {{ source('raw', 'events') }}
{% if is_incremental() %} where day >= (select max(day) from {{ this }}) {% endif %}
group by who, day
