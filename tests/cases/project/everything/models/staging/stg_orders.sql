{#- a comment of Jinja, with {{ ref('nothing') }} inside -#}
select
    id as order_id,
    customer_id,
    {{ euro('amount') }} as amount,
    {% for column in columns_of_interest() -%}
    coalesce({{ column }}, 0) as {{ column }}_or_nothing{{ "," if not loop.last }}
    {% endfor %},
    {{ dbt.dateadd('day', 7, 'ordered_on') }} as due_on,
    {{ greet('you') }} as greeting,
    '{{ env_var("EVERYTHING_COUNTRY") }}' as country,
    {{ tojson({'a': [1, 2]}) | replace('"', "'") | length }} as json_length,
    {{ fromjson('{"n": 3}').n }} as three,
    {{ (fromyaml('n: [4, 5]').n)[1] }} as five,
    '{{ modules.datetime.date(2026, 1, 2).isoformat() }}' as fixed_day,
    {{ set([3, 1, 3]) | list | length }} as two,
    '{{ target.name }}/{{ target.schema }}/{{ this.identifier }}' as place,
    {{ 1 if execute else 1 }} as executing
from {{ source('raw', 'orders') }}
where ordered_on >= '{{ var("since") }}'
  and {{ var("nowhere", "true") }}
