select id, name, amount, on_day, [id, 2] as tags, {'a': id, 'b': name} as pair, id > 1 as big from {{ ref('raw') }}
