with source as (

    select * from {{ source('AREA', 'AREA_accounts') }}

),

renamed as (

    select
        id as account_id,
        {{ cleaned('name') }} as account_name,
        lower(email) as email,
        upper(country) as country_code,
        segment,
        status as account_status,
        created_at,
        updated_at
    from source
    where status <> 'test'

)

select * from renamed
