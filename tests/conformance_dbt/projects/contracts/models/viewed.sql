select name, id from {{ ref('typed') }}
