{{ config(materialized='materialized_view', indexes=[{'columns': ['n']}]) }}
select count(*) as n, max(name) as last_name from {{ ref('looked_up') }}
