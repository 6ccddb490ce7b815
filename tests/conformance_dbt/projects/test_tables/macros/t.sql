{% test multi_cols(model) %}select 1 as a, 'x' as "Weird Col", null as n, array[1] as l from {{ model }}{% endtest %}
{% test named(model, column_name, msg) %}select {{ column_name }}, '{{ msg }}' as msg, '{{ model }}' as m from {{ model }} where {{ column_name }} > 7{% endtest %}
{% test empty_is_bad(model) %}{{ config(fail_calc="case when count(*) > 0 then 0 else 1 end") }}select * from {{ model }}{% endtest %}
{% test frac(model, column_name) %}{{ config(fail_calc="avg(n)", error_if=">100", warn_if=">1.5") }}select {{ column_name }} as n from {{ model }}{% endtest %}
{% test cfg(model) %}{{ config(severity='warn', store_failures=false, where='1=1') }}select '{{ config.get("severity") }}' as s, '{{ config.get("limit") }}' as l, '{{ config.get("where") }}' w, '{{ model }}' as m{% endtest %}
