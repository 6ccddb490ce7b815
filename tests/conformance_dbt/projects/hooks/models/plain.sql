{{ config(materialized='table', pre_hook=["{{ noted('pre', 'plain') }}", {"sql": "insert into audit_log values ('pre 2', 'plain')", "transaction": false}], post_hook="{{ counted() }}") }}
select 1 as a union all select 2
