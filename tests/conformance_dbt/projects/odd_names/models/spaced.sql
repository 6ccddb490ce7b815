{{ config(alias='with space', schema='Upper Schema') }}
select "Id" as "The Id", "A B" from {{ ref('Mixed_Case') }}
