select s.id from {{ ref('staff') }} s left join {{ ref('teams') }} t on t.id = s.team_id where t.id is null
