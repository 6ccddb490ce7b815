select '{{ env_var("HARNESS_T", "a") }}' as e where '{{ env_var("HARNESS_T", "a") }}' <> 'a'
