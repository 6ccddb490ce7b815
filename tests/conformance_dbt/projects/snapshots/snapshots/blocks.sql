{% snapshot by_time %}
{{ config(unique_key='id', strategy='timestamp', updated_at='changed_at') }}
select * from {{ source('raw', 'people') }}
{% endsnapshot %}

{% snapshot by_check %}
{{ config(unique_key='id', strategy='check', check_cols=['name', 'team']) }}
select * from {{ source('raw', 'people') }}
{% endsnapshot %}
