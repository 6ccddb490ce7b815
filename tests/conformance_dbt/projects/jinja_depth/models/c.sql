{#- comment {{ ref('nope') }} -#}
-- {% raw %}{# not a comment #}{% endraw %}
select 1 as a -- {% if false %} {{ undefined_fn() }} {% endif %}
{% if var('x', false) %}, b{% elif 1 == 1 %}, 2 as b{% else %}, c{% endif %}
{%+ if true %}, 3 as c{% endif +%}
, '{{ '{{' }}' as d, '{{ "{%" }}' as e, $${{ "it's" }}$$ as f
