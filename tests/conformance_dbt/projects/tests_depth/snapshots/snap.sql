{% snapshot snap %}
{{ config(unique_key='id', strategy='check', check_cols=['kind']) }}
select * from {{ ref('s') }}
{% endsnapshot %}
