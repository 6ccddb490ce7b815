"""Puts other tables in the places of a model's inputs, which it may go on calling by their own names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from sqlglot.dialects import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from dryland.check.unit_tests.rows import quoted
from dryland.values import dataclass

READS = frozenset({TokenType.FROM, TokenType.JOIN})
WITHOUT_ALIAS = frozenset(
    {
        TokenType.ANTI, TokenType.ASOF, TokenType.COMMA, TokenType.CROSS, TokenType.EXCEPT, TokenType.FULL,
        TokenType.GROUP_BY, TokenType.HAVING, TokenType.INNER, TokenType.INTERSECT, TokenType.JOIN, TokenType.LEFT,
        TokenType.LIMIT, TokenType.NATURAL, TokenType.ON, TokenType.ORDER_BY, TokenType.QUALIFY, TokenType.RIGHT,
        TokenType.R_PAREN, TokenType.SEMI, TokenType.UNION, TokenType.USING, TokenType.WHERE,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands in the place of an input: another name, and the name that the input itself has."""

    name: str
    table: str = ""  # empty: nobody would call it by that


def replaced(sql: str, inputs: Mapping[str, Replacement], dialect: str) -> str:
    """The query, without closing semicolons, with other tables for its inputs; `inputs` goes by relation text.

    A table that has no alias gets the input's name for one, for `stg.id` finds it by that.

    >>> a, b = Replacement("given_a", "a"), Replacement("given_b", "b")
    >>> replaced('select a.id from "w"."a" join "w"."b" x -- "w"."a"', {'"w"."a"': a, '"w"."b"': b}, "duckdb")
    'select a.id from "given_a" AS "a" join "given_b" x'
    """
    tokens = _tokens(sql, dialect)
    made, done = [], 0
    for before, start, end, after, text in _found(sql, tokens, inputs):
        there = inputs[text]
        is_bare = before in READS and (after is None or after in WITHOUT_ALIAS)
        alias = f" AS {quoted(there.table)}" if is_bare and there.table else ""
        made.append(f"{sql[done:start]}{quoted(there.name)}{alias}")
        done = end
    return "".join(made) + (sql[done : tokens[-1].end + 1] if tokens else "")


def _found(
    sql: str, tokens: list[Token], inputs: Mapping[str, Replacement]
) -> Iterator[tuple[TokenType | None, int, int, TokenType | None, str]]:
    """Each place of an input: the word before, where it starts and ends, the word after, its text."""
    following = {token.end + 1: after.token_type for token, after in pairwise(tokens)}
    ends = {token.end + 1 for token in tokens}
    before: TokenType | None = None
    reached = 0
    for token in tokens:
        if token.start >= reached:
            fitting = [text for text in inputs if sql.startswith(text, token.start) and token.start + len(text) in ends]
            if fitting:
                text = max(fitting, key=len)
                reached = token.start + len(text)
                yield before, token.start, reached, following.get(reached), text
        before = token.token_type


def _tokens(sql: str, dialect: str) -> list[Token]:
    tokens = list(Dialect.get_or_raise(dialect).tokenize(sql))
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    return tokens
