select {{ var('nested')['a'][0] }} as a, $${{ var("nested") }}$$ as n, '{{ var("nested").a[2].b }}' b, {{ var('nested')['c'] }} c, '{{ var("unknown", none) }}' u,
'{{ config.get("x") }}' x, '{{ model.description }}' d, {{ 'true' if var.has_var('nested') else 'false' }} hv, '{{ config.get("x") is string }}' as k, '{{ model.config.materialized }}' m
