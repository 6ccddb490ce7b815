select d."x.y", r."from", s."A B" from {{ ref('dotted') }} d, {{ ref('reserved') }} r, {{ ref('spaced') }} as s
