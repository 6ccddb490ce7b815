"""Puts names and CTEs into a query's text, and leaves every other character as the user wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlglot.dialects import Dialect
from sqlglot.tokenizer_core import Token, TokenType

WORD = r"[\w$]"


def substitute(sql: str, names: Mapping[str, str]) -> str:
    """Replace each relation text by its name, all at once, the longest first.

    A text is replaced only where it stands alone: not inside a longer name.

    >>> substitute('select * from "db"."s"."a" join "db"."s"."ab"', {'"db"."s"."a"': '"db"."store"."a__1"'})
    'select * from "db"."store"."a__1" join "db"."s"."ab"'
    """
    wanted = [text for text in names if text]
    if not wanted:
        return sql
    alternatives = "|".join(re.escape(text) for text in sorted(wanted, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w$\".])(?:{alternatives})(?!{WORD})")
    return pattern.sub(lambda found: names[found[0]], sql)


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
