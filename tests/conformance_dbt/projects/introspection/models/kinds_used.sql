select kind from {{ ref('kinds') }} where weight > {{ run_query('select min(weight) from ' ~ ref('kinds')).columns[0][0] if execute else 0 }}
