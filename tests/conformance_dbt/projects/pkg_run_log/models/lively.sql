select k from {{ ref('keys') }}
