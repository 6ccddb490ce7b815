{{ config(alias='a.b', materialized='table') }}
select "The Id" as "x.y", 1 as Y, 2 as "Z" from {{ ref('spaced') }}
