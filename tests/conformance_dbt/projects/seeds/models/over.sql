select t.code, t.amount, s.said from {{ ref('typed') }} t left join {{ ref('text') }} s on s.id = cast(t.code as integer)
