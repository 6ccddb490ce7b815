select '{{ ws() }}' as w, length('{{ ws() | trim }}') l, '{%- raw -%} {{ not jinja }} {%- endraw -%}' r
-- {{ "comment with jinja" }} {# {{ ref('nothing') }} #}
