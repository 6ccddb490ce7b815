{{ config(materialized='table') }}
select
    '{{ var("greeting") }}' as greeting, '{{ var("own") }}' as own, {{ var("limits").low }} as low,
    {{ var("limits").get("high", 0) }} as high, {{ var("flag") }} as flag, {{ var("days") | length }} as days,
    '{{ var("absent", "default") }}' as absent, '{{ var("absent_too", none) is none }}' as none_,
    {{ var.has_var("greeting") }} as has, '{{ env_var("CONFORMANCE_WORD") }}' as word,
    '{{ env_var("CONFORMANCE_ABSENT", "fallback") }}' as fallback
