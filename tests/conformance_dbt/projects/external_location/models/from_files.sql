{{ config(materialized='table') }}
select p.*, t.id as team from {{ source('files', 'people') }} p cross join {{ source('files', 'typed_teams') }} t
