{{ config(materialized='table') }} select k from {{ ref('keys') }}
