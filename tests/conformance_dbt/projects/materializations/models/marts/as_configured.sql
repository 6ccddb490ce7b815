{{ config(schema='from_model') }}
select 1 as a
