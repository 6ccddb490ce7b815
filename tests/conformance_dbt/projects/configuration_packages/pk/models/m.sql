{{ config(meta={'who': 'file', 'f': 1}, tags='file', pre_hook="insert into lg values ('file pre')") }}
select $${{ config.get('meta') }} {{ config.get('tags') }} {{ this }} {{ var('v') }} {{ var('w') }}$$ as x
