{{ config(materialized='table') }}
select *, {{ kit.surrogate(['id', 'kind', 'reason']) }} as key_ from ({{ kit.union_relations([ref('sales'), ref('returns')]) }}) as u
