{{ config(materialized='table') }}
select name, '{{ ref("people") }}' as read_from from {{ ref('people') }}
