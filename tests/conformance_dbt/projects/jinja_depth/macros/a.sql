{% macro both() %}project{% endmacro %}
{% macro first_big(xs) %}{% for x in xs %}{% if x > 2 %}{{ return(x) }}{% endif %}{% endfor %}{{ return(none) }}{% endmacro %}
{% macro nothing() %}{% endmacro %}
{% macro ret_none() %}{{ return(none) }}{% endmacro %}
{% macro ret_dict() %}{% do return({'a': 1, 'b': [1,2], 'c': none}) %}{% endmacro %}
{% macro fact(n) %}{% if n <= 1 %}{{ return(1) }}{% endif %}{{ return(n * fact(n - 1)) }}{% endmacro %}
{% macro ret_in_call() %}{% call loud() %}{{ return('from call') }}{% endcall %}{% endmacro %}
{% macro loud() %}LOUD {{ caller() }}{% endmacro %}
{% macro rel(n) %}{{ return(ref(n)) }}{% endmacro %}
{% macro ns() %}{% set n = namespace(c=0, l=[]) %}{% for i in range(4) %}{% set n.c = n.c + i %}{% do n.l.append(i) %}{% endfor %}{{ return(n.l + [n.c]) }}{% endmacro %}
{% macro defaults(a, b=2, c=var('cc', 'dd')) %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}
{% macro text_of() -%}
   select 1
{%- endmacro %}
{% macro args(x) %}{{ varargs | length }} {{ kwargs.get('k') }} {{ x }}{% endmacro %}
{% macro each(items) %}{% for i in items %}{{ caller(i, loop.index) }}{{ ", " if not loop.last }}{% endfor %}{% endmacro %}
