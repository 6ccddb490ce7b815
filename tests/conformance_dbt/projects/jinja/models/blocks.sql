{{ config(materialized='table') }}
{# a comment with {{ braces }} and {% tags %} #}
{%- set text -%}
    a {{ 1 + 1 }} b
{%- endset -%}
{%- set ns = namespace(total=0, names=[]) -%}
{%- for row in [{'a': 1, 'n': 'x'}, {'a': 5, 'n': 'y'}, {'a': 7, 'n': 'z'}] if row.a > 1 -%}
    {%- set ns.total = ns.total + row.a -%}
    {%- do ns.names.append(row.n) -%}
{%- else -%}
    {%- set ns.total = -1 -%}
{%- endfor -%}
select
    '{{ text }}' as text,
    {{ ns.total }} as total,
    '{{ ns.names | join("-") }}' as names,
    '{% raw %}{{ raw }}{% endraw %}' as raw,
    '{% filter upper %}shout{% endfilter %}' as shouted,
    '{{ ["b", "a", "c"] | sort | reverse | join(",") }}' as sorted,
    {{ [3, 1, 2] | max }} as biggest,
    {{ 7 // 2 }} as half, {{ 2 ** 5 }} as power, {{ 7.5 | round | int }} as rounded,
    '{{ "%s-%03d" | format("a", 7) }}' as formatted,
    {{ 'true' if 3 is odd and 'x' is string and none is none and ns is defined and nope is not defined else 'false' }} as tests,
    '{{ {"a": 1, "b": [1, 2]} | tojson | replace("\"", "~") }}' as as_json,
    '{{ "x" if false }}' as nothing,
    '{{ [1, 2, 3, 4] | select("even") | list | length }}' as evens,
    '{{ [{"k": 1}, {"k": 2}] | map(attribute="k") | sum }}' as summed,
    '{{ "a,b,,c".split(",") | reject("equalto", "") | list | length }}' as parts,
    '{{ "Title Case" | lower | title | replace(" ", "_") | trim("T") }}' as cased,
    {% for a, b in [(1, 2), (3, 4)] %}{{ a + b }} as pair_{{ loop.index0 }}{{ "," if not loop.last }}{% endfor %}
