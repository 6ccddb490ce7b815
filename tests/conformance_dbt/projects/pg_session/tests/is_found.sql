select * from lookup where id not in (select id from {{ ref('found') }}) and current_user <> 'analyst'
