{% macro greet(name='nobody', times=1) %}{% for i in range(times) %}hi {{ name }} {{ varargs }} {{ kwargs }}{% endfor %}{% endmacro %}
{% macro both() %}package{% endmacro %}
{% macro calls_both() %}{{ both() }} {{ local_p.both() }} {{ local_p.colour() }}{% endmacro %}
{% macro colour() %}{{ var('colour', 'none') }}{{ var('size', 'nosize') }}{% endmacro %}
{% macro wrap(before, after='!') %}{{ before }}{{ caller() }}{{ after }}{% endmacro %}
{% macro nested_wrap() %}{% call local_p.wrap('<', '>') %}{% call local_p.wrap('[') %}inner{{ caller is defined }}{% endcall %}{% endcall %}{% endmacro %}
{% macro pos() %}{{ return(adapter.dispatch('pos', 'local_p')()) }}{% endmacro %}
{% macro default__pos() %}default{% endmacro %}
{% macro duckdb__pos() %}duck{% endmacro %}
