-- depends on nothing: '{{ ref("a") }}'
select '{{ ref("a") }}' as name, {{ ref("a").identifier | length }} as n, (select count(*) from {{ ref('a') }} as "{{ ref('a').name }}") c, "x".a from {{ ref('a') }} "x" where '{{ this.name }}' = 'e' and {{ 'true' if ref('a') else 'false' }}
