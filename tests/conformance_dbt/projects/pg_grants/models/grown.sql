{{ config(materialized='incremental', unique_key='id', grants={'select': ['reporter', 'analyst']}) }}
select 3 as id
