{% snapshot history %}
{{ config(unique_key='id', strategy='check', check_cols=['short', 'tags', 'feeling', 'price']) }}
select id, short, tags, feeling, price, seen from {{ source('raw', 't') }}
{% endsnapshot %}
