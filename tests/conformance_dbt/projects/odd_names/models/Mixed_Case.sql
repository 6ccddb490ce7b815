{{ config(materialized='table') }}
select "Id", "select", "a b" as "A B", "it's" from {{ source('odd', 'some_table') }}
