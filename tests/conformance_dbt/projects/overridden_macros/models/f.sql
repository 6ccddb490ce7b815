{{ config(materialized='table') }}
select {{ dbt.concat(["'a'", "'b'"]) }} c, {{ concat(["'a'", "'b'"]) }} c2, {{ dbt.current_timestamp() }} ts, {{ dateadd('day', 1, 'now()') }} d, {{ dbt.dateadd('day', 1, 'now()') }} d2, 2 as k
