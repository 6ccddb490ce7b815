{%- set rows = [{'k': 'x', 'v': [1,2]}, {'k': 'y', 'v': []}] -%}
{% for r in rows recursive %}{% endfor %}
select {% for r in rows %}'{{ r.k }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.cycle("odd", "even") }}{{ loop.previtem.k if loop.previtem is defined }}{{ loop.nextitem.k if loop.nextitem is defined }}{{ loop.changed(r.k) }}' as c{{ loop.index }}{% if not loop.last %}, {% endif %}{% else %}nothing{% endfor %}
{% for r in [] %}x{% else %}, 'else' as e{% endfor %}
{%- filter upper %}, 'filtered' as f{% endfilter -%}
{% for k, v in {'q': 1, 'r': 2}.items() if v > 1 %}, {{ v }} as {{ k }}{% endfor %}
{% for i in range(10) %}{% if i == 2 %}{% continue %}{% endif %}{% if i > 3 %}{% break %}{% endif %}, {{ i }} as i{{ i }}{% endfor %}
{% with z = 5 %}, {{ z }} as z{% endwith %}
{% set blk %}blk {{ 1 + 1 }}{% endset %}, '{{ blk }}' as blk, '{{ blk | length }}' bl
{% set (p, q) = (1, 2) %}, {{ p + q }} as pq
, '{{ "a" "b" }}' as cat, {{ [1,2,3][-1] }} as neg, {{ {'a': {'b': [1, {'c': 9}]}}['a'].b[1].c }} as deep
, '{{ "x" if false else none }}' as no, '{{ "%s and %s" | format("a", 2) }}' as fm, '{{ "abc" | replace("b", "''") }}' as rp
, {{ "1,2,3".split(",") | map("int") | sum }} as sm, '{{ ["b", "a"] | sort | join }}' as sj, '{{ [1, 2, 3, 4, 5] | slice(2) | map("list") | list }}' as sl
, '{{ "  pad " | trim }}' as tr, '{{ "word word" | title }}' ti, '{{ "CamelCase" | lower | capitalize }}' ca, '{{ "a,b" | list | length }}' ll, '{{ "abcdef" | truncate(5) }}' tc, '{{ 1234567.891 | round(1) }}' ro, '{{ "%.2f" % 3.14159 }}' pf, '{{ "{:,}".format(1234567) }}' th, '{{ "x" * 3 }}' mul, '{{ 5 is odd }}{{ 4 is even }}{{ "a" in "abc" }}{{ none is none }}{{ x is undefined }}{{ "A" is upper }}{{ 1 is sameas 1 }}{{ [1] == [1] }}' ts
, '{{ {"b": 1, "a": 2} | dictsort(false, "value") | map("first") | join }}' ds, '{{ [{"n": {"m": 1}}] | map(attribute="n.m") | list }}' ma, '{{ [1, none, 2] | select | list }}' se, '{{ ["aa", "b"] | selectattr("0", "equalto", "b") | list | length }}' sa, '{{ [3, 1] | min }}{{ "ab" | reverse }}{{ [1, 2] | last }}{{ [[1, 2], [3]] | sum(start=[]) | length }}{{ "a b" | urlencode }}{{ [1, 1, 2] | unique | list }}' xx
, '{{ "&lt;" | safe }}{{ "<" | escape }}{{ "a\\b" }}{{ "tab\there" }}' es, '{{ lipsum is defined }}{{ cycler is defined }}{{ joiner is defined }}{{ dict(a=1).a }}{{ namespace(a=2).a }}' gl
