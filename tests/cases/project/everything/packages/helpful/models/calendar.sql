select
    '{{ var("loud") }}' as loud,
    '{{ var("quiet") }}' as quiet,
    '{{ var("greeting", "by default") }}' as greeting,
    {{ shout('hello') }} as shouted
