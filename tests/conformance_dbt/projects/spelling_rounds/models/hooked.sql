{{ config(post_hook="update {{ this }} set v = v || '1'") }}
select * from {{ ref('s') }}
