select s.id, s.score, r.name from {{ ref('scored') }} s join {{ ref('related') }} r using (id)
