select id, word::varchar as word, kind::varchar as kind, path::varchar as path, n::integer as n
from (
    values
        (1, 'banana', 'a', 'a/b/c', 3),
        (2, 'it''s', 'a', '/leading', 1),
        (3, 'Łódź ☃', 'x', 'trailing/', 2),
        (4, '', 'x', '', 0),
        (5, null, 'y', null, null),
        (6, ' spaced ', null, 'none', -1),
        (7, '👩‍👩‍👧', 'x', '//', 5),
        (8, 'say "hi"', 'y', 'a/b/a/b/', 4),
        (9, 'banana', 'only nulls', 'a/b', 3),
        (10, null, 'no word', 'a', 1)
) as t(id, word, kind, path, n)
