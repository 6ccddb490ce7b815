{% macro adds(first, second=10) %}{{ first + second }}{% endmacro %}
{% macro shows_all(first) %}{{ first }}{{ varargs }}{{ kwargs }}{% endmacro %}
{% macro gives_list() %}{{ return([1, 2, 3]) }}{% endmacro %}
{% macro gives_dict() %}{% do return({'key': 'value'}) %}{% endmacro %}
{% macro gives_none() %}{{ return(none) }}{% endmacro %}
{% macro gives_text() %}
  spaced
{% endmacro %}
{% macro wraps(tag) %}<{{ tag }}>{{ caller() }}</{{ tag }}>{% endmacro %}
{% macro each_of(items) %}{% for item in items %}{{ caller(item, loop.index) }}{% endfor %}{% endmacro %}
{% macro each_named() %}{{ caller(item='named') }}{% endmacro %}
{% macro factorial(n) %}{{ return(1 if n < 2 else n * factorial(n - 1)) }}{% endmacro %}
{% macro counts_down(n) %}{{ n }}{% if n %}{{ counts_down(n - 1) }}{% endif %}{% endmacro %}
{% macro late_default(value=var('number') + 1) %}{{ value }}{% endmacro %}
{% macro early_return(early) %}before{% if early %}{{ return('early') }}{% endif %}after{% endmacro %}
{% macro dispatched(x) %}{{ return(adapter.dispatch('dispatched')(x)) }}{% endmacro %}
{% macro default__dispatched(x) %}default {{ x }}{% endmacro %}
{% macro duckdb__dispatched(x) %}duckdb {{ x }}{% endmacro %}
{% macro loops_and_returns(items) %}{% for item in items %}{% if item > 3 %}{{ return(item) }}{% endif %}{% endfor %}{% endmacro %}
{% macro caller_twice() %}{{ caller() ~ caller() if caller else 'no caller' }}{% endmacro %}
{% macro mutates(items) %}{% do items.append(2) %}{{ return(items) }}{% endmacro %}

{# In the place of dbt's own. #}
{% macro default__right(string_text, length_expression) %}mine({{ string_text }}){% endmacro %}
{% macro overridden_right() %}{{ dbt.right('x', 1) }}|{{ right('x', 1) }}{% endmacro %}
{% macro replace(field, old_chars, new_chars) %}mine{% endmacro %}
{% macro shared() %}of the project{% endmacro %}
