select t.*, s.owner from {{ ref('tool_model') }} t cross join {{ ref('tools', 'shared') }} s
