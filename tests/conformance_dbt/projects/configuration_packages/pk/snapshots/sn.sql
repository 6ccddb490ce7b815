{% snapshot pk_sn %}{{ config(unique_key='id', strategy='check', check_cols='all', target_schema='mine') }}select id from {{ ref('ps') }}{% endsnapshot %}
