{{ config(quoting={'identifier': true}) }}
select
    '{{ this }}' as me,
    '{{ ref("reader") }}' as other,
    '{{ ref("reader").quote(identifier=true) }}' as quoted,
    '{{ ref("reader").quote_policy.schema }}' as policy,
    '{{ source("quoted", "tab") }}' as a_source,
    '{{ source("partly", "tab") }}' as another,
    '{{ source("partly", "same") }}' as a_third
