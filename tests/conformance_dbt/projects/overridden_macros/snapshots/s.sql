{% snapshot s %}{{ config(unique_key='id', strategy='timestamp', updated_at='u') }}select id, timestamp '2024-01-01' as u from {{ source('raw', 'ev') }}{% endsnapshot %}
