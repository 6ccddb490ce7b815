select id, v, '{{ inc() }}' as how, '{{ lazy() }}' as lz from {{ source('raw', 'ev') }} {{ since('id') }}
