{{ config(tags=['daily']) }}
select a.id from {{ ref('base_a') }} a left join {{ ref('base_b') }} b using (id)
