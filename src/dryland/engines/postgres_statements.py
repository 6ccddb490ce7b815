"""Takes a text of several statements apart, as PostgreSQL would."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import tokenize
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType


def statements(sql: str) -> tuple[str, ...]:
    """The statements of a text; what cannot be taken apart is one.

    >>> statements("begin; select ';' -- not; here\\n; do $$ begin; end $$;")
    ('begin', "select ';' -- not; here", 'do $$ begin; end $$')
    """
    try:
        return tuple(_parts(sql))
    except SqlglotError:
        return (sql,)


def _parts(sql: str) -> Iterator[str]:
    began, has_words = 0, False
    for token in tokenize(sql, dialect="postgres"):
        if token.token_type == TokenType.SEMICOLON:
            if has_words:
                yield sql[began : token.start].strip()
            began, has_words = token.end + 1, False
        else:
            has_words = True
    if has_words:
        yield sql[began:].strip()
