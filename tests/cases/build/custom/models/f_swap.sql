{{ config(materialized='swapped', grants={}) }} select id, amount from {{ ref('raw') }}
