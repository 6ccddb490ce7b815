{{ config(materialized='table') }}
select {{ selected_resources | length }} as selected, '{{ selected_resources | sort | join(",") }}' as names,
    {{ diff_of_two_dicts({"a": ["1", "2"]}, {"a": ["1"]})["a"] | length }} as d,
    '{{ builtins.ref("b") }}' as built_in, '{{ context["ref"]("b") }}' as from_context
