{{ config(materialized='table', grants={'+select': ['"' ~ 'analyst' ~ '"'], 'insert': 'reporter'}) }}
select 1 as id
