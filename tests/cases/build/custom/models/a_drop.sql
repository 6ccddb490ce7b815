{{ config(materialized='drop_create', pre_hook="create table if not exists main.audit (what varchar)", post_hook=["insert into main.audit select 'built ' || count(*) from {{ this }}", {"sql": "insert into main.audit values ('after')", "transaction": false}], indexes=[{'columns': ['id']}]) }}
select * from {{ ref('raw') }}
