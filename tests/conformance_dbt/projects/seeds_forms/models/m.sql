select *, typeof(a) t from {{ ref('ct') }}
