{{ config(meta={'level': 'high'}) }}
select id from {{ source('raw', 'b') }}
