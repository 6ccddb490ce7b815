select '{{ config.get("meta") | tojson }}' as a, '{{ config.get("tags") | join(",") }}' as t, '{{ this }}' as th, '{{ model.fqn | join(".") }}' fqn, '{{ config.get("materialized") }}' m
