{{ config(materialized='table') }}
{%- set by_kind = kit.as_dictionary('select kind, sum(amount) as amount from ' ~ ref('sales') ~ ' group by 1 order by 1') -%}
{%- set newest -%} select max(day) from {{ ref('sales') }} {%- endset -%}
select
    {% for kind in by_kind.get('kind', []) -%}
    {{ by_kind['amount'][loop.index0] }} as {{ kit.slug(kind ~ ' Amount!') }},
    {% endfor -%}
    cast('{{ kit.single_value(newest, "2000-01-01") }}' as date) as newest,
    {{ kit.rounded('2.55', digits=1) }} as rounded_,
    array[{{ kit.quoted_list(['x', 'y']) }}] as listed
