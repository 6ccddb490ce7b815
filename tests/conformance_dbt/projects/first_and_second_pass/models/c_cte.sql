{{ config(unique_key=['id'], incremental_strategy='delete+insert') }}
with old as ({% if is_incremental() %}select id, n from {{ this }}{% else %}select null::int as id, 0 as n where false{% endif %}), new as (select * from {{ source('raw', 'ev') }})
select new.id, new.v, coalesce(old.n, 0) + 1 as n from new left join old on old.id = new.id
