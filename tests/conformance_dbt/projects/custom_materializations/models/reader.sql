select c.id, c.n, g.seen from {{ ref('counted') }} c join {{ ref('grown') }} g using (id)
