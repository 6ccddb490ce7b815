{% snapshot history %}
{{ config(unique_key='id', strategy='check', check_cols='all', grants={'select': 'reporter'}) }}
select id from {{ ref('words') }}
{% endsnapshot %}
