{% for n in range(var('rows')) %}
select {{ n + 1 }} as n, {{ doubled(n) }} as doubled{% if not loop.last %} union all{% endif %}
{% endfor %}
