{{ config(unique_key='id', incremental_strategy='merge', on_schema_change='append_new_columns') }}
select id, v {% if is_incremental() %}, 'new' as extra{% endif %} from {{ source('raw', 'ev') }} where id <> 2 {% if is_incremental() %} or true {% endif %}
