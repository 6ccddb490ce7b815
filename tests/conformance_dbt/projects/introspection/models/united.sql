{{ config(materialized='table') }}
{{ union_of([ref('kinds'), ref('starred_again')]) }}
