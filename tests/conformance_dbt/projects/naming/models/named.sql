{{ config(alias='chosen', schema='x') }}
select b from {{ ref('plain') }}
