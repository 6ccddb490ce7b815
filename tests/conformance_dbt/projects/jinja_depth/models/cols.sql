{% set cols = adapter.get_columns_in_relation(ref('base')) %}
select {% for c in cols %}'{{ c.name }}|{{ c.column }}|{{ c.dtype }}|{{ c.data_type }}|{{ c.quoted }}|{{ c.is_string() }}|{{ c.is_numeric() }}|{{ c.is_integer() }}|{{ c.is_float() }}|{{ c.char_size }}|{{ c.numeric_precision }}|{{ c.numeric_scale }}' as c{{ loop.index }}{{ "," if not loop.last }} {% endfor %}
