{{ config(unique_key='id') }}
select id::{{ 'bigint' if is_incremental() else 'smallint' }} as id, {{ "'long text here'" if is_incremental() else "1" }}::varchar(3) as t, {{ "1.239" if is_incremental() else "1.2" }}::decimal(5,{{ 3 if is_incremental() else 1 }}) as d from {{ source('raw', 'ev') }}
