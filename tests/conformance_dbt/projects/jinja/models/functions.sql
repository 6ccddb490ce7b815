{{ config(materialized='table', custom_word='said') }}
{%- set parsed = fromjson('{"a": [1, 2, {"b": "c"}], "n": null}') -%}
{%- set yaml = fromyaml('a: [1, 2]\nb: text') -%}
{%- set args = takes_all(1, 2, x=3) -%}
{%- set day = modules.datetime.date(2026, 1, 31) + modules.datetime.timedelta(days=1) -%}
select
    '{{ parsed.a[2].b }}' as from_json,
    {{ yaml.a | sum }} as from_yaml, '{{ yaml.b }}' as yaml_text,
    '{{ tojson({"b": 1, "a": [true, none]}, sort_keys=true) }}' as to_json,
    '{{ toyaml({"a": 1}) | trim }}' as to_yaml,
    '{{ set([1, 1, 2]) | list | length }}' as distinct_count,
    '{{ zip([1, 2], ["a", "b"]) | map("join") | join(",") }}' as zipped,
    {{ "1" | as_number }} as one, {{ "true" | as_bool }} as truth, {{ ["a"] | as_native | length }} as native,
    '{{ "1" | as_text }}' as as_text,
    '{{ day.strftime("%Y-%m-%d") }}' as day,
    '{{ modules.re.sub("[aeiou]", "_", "education") }}' as subbed,
    '{{ modules.itertools.chain([1], [2, 3]) | list | length }}' as chained,
    '{{ local_md5("abc") }}' as md5,
    {{ args[0] | sum }} as varargs_sum, {{ args[1]['x'] }} as kwarg,
    {{ range(1, 10, 3) | list | length }} as ranged,
    '{{ config.get("custom_word", "unsaid") }}' as custom_word,
    '{{ config.get("no_such_word", "default") }}' as default_word
