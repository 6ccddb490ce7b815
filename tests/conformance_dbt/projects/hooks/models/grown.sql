{{ config(materialized='incremental', pre_hook="insert into audit_log values ('growing', '{{ is_incremental() }}')") }}
select a from {{ ref('plain') }} {% if is_incremental() %} where a > (select max(a) from {{ this }}) {% endif %}
