{{ config(materialized='table', indexes=[
    {'columns': ['id'], 'unique': true}, {'columns': ['name'], 'type': 'hash'}, {'columns': ['name', 'id']},
    {'columns': ['tags'], 'type': 'gin'}, {'columns': ['lower(name)', 'id desc']},
]) }}
select id, name, tags from {{ source('raw', 't') }}
