select s.*, p.* from {{ ref('semi') }} s join {{ ref('p') }} p using (id)
