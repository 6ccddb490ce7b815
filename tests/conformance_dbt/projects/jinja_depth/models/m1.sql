{%- set d = ret_dict() -%}
select '{{ both() }}' c1, '{{ local_p.both() }}' c2, '{{ local_p.calls_both() }}' c3, '{{ jinja_depth.both() }}' as c4, '{{ local_p.greet() }}' c5, '{{ local_p.greet("x", 2) | replace("'", "") }}' c6,
'{{ local_p.greet(times=1, name="k", other=1) | replace("'", "") }}' c7, '{{ local_p.nested_wrap() }}' c8, '{{ local_p.pos() }}' c9, '{{ first_big([1,2,3,4]) }}' c10, '{{ first_big([]) }}' c11,
'{{ nothing() }}' c12, '{{ ret_none() }}' c13, '{{ ret_none() is none }}' c14, '{{ d.a }}{{ d["b"] }}{{ d.c }}{{ d.zz }}' c15, {{ fact(10) }} c16, '{{ ret_in_call() }}' c17,
'{{ ns() }}' c18, '{{ defaults(1) }}|{{ defaults(1, c=3) }}|{{ defaults(b=5, a=none) }}' c19, ({{ text_of() }}) c20, '{{ args(1, 2, 3, k=4) }}' c21,
{% call(i, n) each(['p', 'q']) %}'{{ i }}{{ n }}' as {{ i }}{% endcall %}
from {{ rel('base0') }} where id = 1
