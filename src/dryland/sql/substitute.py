"""Puts names and CTEs into a query's text, and leaves every other character as the user wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlglot.dialects import Dialect
from sqlglot.tokenizer_core import Token, TokenType

KEPT = r"""
    (?P<kept>
        --[^\n]*
      | /\*.*?\*/
      | \b[eE]'(?:[^'\\]|''|\\.)*'
      | '(?:[^']|'')*'
      | (?P<dollars>\$(?:[A-Za-z_]\w*)?\$).*?(?P=dollars)
    )
"""  # comments and strings
QUOTES = '"`'
QUOTED = r'"(?:[^"]|"")*"|`[^`]*`'

BARE_BEFORE, BARE_AFTER = r"(?<![\w$\"`.])", r"(?![\w$\"`])"
QUOTED_BEFORE, QUOTED_AFTER = r"(?<![\"`.])", r"(?![\"`])"  # such a name ends where its quotes do: `"a"union`


def substitute(sql: str, names: Mapping[str, str]) -> str:
    """Replace each relation text by its name, all at once, the longest first.

    A text is replaced only where it stands alone: not inside a longer name, a string or a comment.

    >>> substitute("select 'a.b' as said from a.b join a.bc -- a.b", {"a.b": "store.b__1"})
    "select 'a.b' as said from store.b__1 join a.bc -- a.b"
    """
    wanted = sorted((text for text in names if text), key=len, reverse=True)
    if not wanted:
        return sql
    relation = f"(?P<relation>{'|'.join(map(_alone, wanted))})"
    pattern = re.compile(rf"{KEPT}|{relation}|{QUOTED}", re.VERBOSE | re.DOTALL)
    return pattern.sub(lambda found: names[found["relation"]] if found["relation"] else found[0], sql)


def _alone(text: str) -> str:
    """The pattern of a relation text that is no part of a longer name."""
    before = QUOTED_BEFORE if text[0] in QUOTES else BARE_BEFORE
    after = QUOTED_AFTER if text[-1] in QUOTES else BARE_AFTER
    return before + re.escape(text) + after


def with_ctes(sql: str, ctes: Sequence[tuple[str, str]], dialect: str) -> str:
    """Put CTEs (name, query) in front of a query, joining the WITH it may have."""
    if not ctes:
        return sql
    text = ", ".join(f"{name} AS (\n{statement(query, dialect)}\n)" for name, query in ctes)
    tokens = _tokens(sql, dialect)
    if not tokens or tokens[0].token_type is not TokenType.WITH:
        return f"WITH {text}\n{sql}"
    last = tokens[1] if len(tokens) > 1 and tokens[1].token_type is TokenType.RECURSIVE else tokens[0]
    return f"{sql[: last.end + 1]} {text},{sql[last.end + 1 :]}"


def statement(sql: str, dialect: str = "duckdb") -> str:
    """The text up to its last word, without closing semicolons, so that it can stand inside a larger statement."""
    tokens = _tokens(sql, dialect)
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    return sql[: tokens[-1].end + 1] if tokens else ""


def _tokens(sql: str, dialect: str) -> list[Token]:
    return list(Dialect.get_or_raise(dialect).tokenize(sql))
