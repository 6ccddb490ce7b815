{{ config(materialized='table', alias='select') }}
select "group", "Größe", "Größe" * 2 as "from" from {{ source('odd', 'order') }}
