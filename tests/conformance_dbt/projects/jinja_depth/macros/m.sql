{% macro outer(name) %}{% set inner_var = 'iv' %}{{ caller(name, k='kw') }}{{ inner_var }}{% endmacro %}
{% macro uses_caller() %}{% call(n, k='dflt') outer('nm') %}[{{ n }}{{ k }}{{ varargs | length }}]{% endcall %}{% endmacro %}
{% macro scope_test() %}{% set v = 1 %}{% for i in [1, 2] %}{% set v = v + i %}{% endfor %}{{ v }}{% if true %}{% set v = 9 %}{% endif %}{{ v }}{% endmacro %}
{% macro modifies(l, d) %}{% do l.append(5) %}{% do d.update({'z': 1}) %}{{ return('') }}{% endmacro %}
{% macro ret_multi() %}{{ return((1, 'two', [3])) }}{% endmacro %}
{% macro ret_false() %}{{ return(false) }}{% endmacro %}
{% macro no_ret_true() %}{{ true }}{% endmacro %}
{% macro ws_ret() %}
  {% if true %}
     {{ return('clean') }}
  {% endif %}
{% endmacro %}
{% macro text_and_ret() %}some text {{ return('ret') }} more{% endmacro %}
{% macro do_ret() %}{% do return([1, 2]) %}{% endmacro %}
{% macro ret_in_for() %}{% for i in range(5) %}{% for j in range(5) %}{% if i * j == 6 %}{% do return(i ~ '-' ~ j) %}{% endif %}{% endfor %}{% endfor %}{% endmacro %}
{% macro ret_nested_call() %}{% set r = ret_in_for() %}{{ return(r ~ '!') }}{% endmacro %}
{% macro kw_only(a, b='b', c=none) %}{{ a }}|{{ b }}|{{ c }}|{{ kwargs }}|{{ varargs }}{% endmacro %}
{% macro default_expr(a, b=[1, 2], c={'k': 1}) %}{{ b[0] + c.k + a }}{% endmacro %}
{% macro shadow(ref, target) %}{{ ref }}{{ target }}{% endmacro %}
{% macro uses_macro_obj() %}{% set f = ret_false %}{{ f() }}{% endmacro %}
{% macro recursive_tree(n) %}{% if n > 0 %}({{ recursive_tree(n - 1) }}){% endif %}{% endmacro %}
{% macro ctx_get() %}{{ context.get('ret_multi')()[1] }}{{ context['project_name'] }}{% endmacro %}
{% macro err() %}{{ exceptions.warn('careful') }}{{ log('x') }}{{ log('y', True) }}{{ print('p') }}{% endmacro %}
