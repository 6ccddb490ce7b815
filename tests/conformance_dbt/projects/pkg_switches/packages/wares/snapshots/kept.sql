{% snapshot kept %}
{{ config(enabled=true, unique_key='ware', strategy='check', check_cols='all', target_schema='kept') }}
select * from {{ ref('always') }}
{% endsnapshot %}
