{% snapshot history %}
{{ config(unique_key='id', strategy='check', check_cols='all', indexes=[{'columns': ['id']}]) }}
select id, name from {{ source('raw', 't') }}
{% endsnapshot %}
