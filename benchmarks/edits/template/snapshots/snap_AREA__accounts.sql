{% snapshot snap_AREA__accounts %}
    {{ config(target_schema='main', unique_key='id', strategy='timestamp', updated_at='updated_at') }}
    select id, name, country, segment, status, updated_at
    from {{ source('AREA', 'AREA_accounts') }}
{% endsnapshot %}
