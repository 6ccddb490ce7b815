{{ config(materialized='table') }}
select
    {% call(word, number) wrapped('length') %}'{{ word }}{% call(n) repeated(number) %}{{ n }}{% endcall %}'{% endcall %} as a,
    {% call(n) repeated(4) -%} {{ n * n }} {%- endcall %} as b,
    {{ fibonacci(10) }} as c
