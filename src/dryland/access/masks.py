"""Writes what somebody sees of a column that he may not see as it is: nothing, a pseudonym, or a piece of it.

The value is masked where it is read, below everything that the person wrote: a filter, a join or an ORDER BY of his
meets the mask, and tells no more than the mask does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from sqlglot import exp

Mask = Literal["null", "hash", "partial", "last4", "hidden"]
"""`hidden` leaves the column out; of the others a column of its name stays."""

HASHED: Mapping[str, str] = {"duckdb": "sha256({})", "postgres": "encode(sha256(convert_to({}, 'UTF8')), 'hex')"}
"""Dialect -> the call that hashes a text; the key stands before the text, so that nobody can hash his guesses."""
HASH_LETTERS = 32
SHORT = {"partial": 4, "last4": 8}
"""A shorter text would be told almost whole by its piece."""


def masked(column: str, mask: Mask, *, dialect: str, key: str = "") -> exp.Expr:
    """The expression that stands for a column.

    >>> masked("email", "partial", dialect="duckdb").sql("duckdb")[:60]
    'CASE WHEN "email" IS NULL THEN NULL WHEN LENGTH(CAST("email"'
    """
    return WRITERS[mask](exp.column(exp.to_identifier(column, quoted=True)), dialect, key)


def _nothing(column: exp.Column, dialect: str, key: str) -> exp.Expr:
    """NULL of the column's own type, whatever that is."""
    return exp.case().when(exp.false(), column)


def _hash(column: exp.Column, dialect: str, key: str) -> exp.Expr:
    salted = exp.DPipe(this=exp.Literal.string(key), expression=_text(column))
    call: exp.Expr = exp.maybe_parse(HASHED[dialect].format(salted.sql(dialect)), dialect=dialect)
    return _unless_null(column, exp.func("left", call, exp.Literal.number(HASH_LETTERS)))


def _partial(column: exp.Column, dialect: str, key: str) -> exp.Expr:
    first = exp.func("left", _text(column), exp.Literal.number(1))
    return _of_long(column, exp.DPipe(this=first, expression=exp.Literal.string("***")), SHORT["partial"])


def _last4(column: exp.Column, dialect: str, key: str) -> exp.Expr:
    last = exp.func("right", _text(column), exp.Literal.number(4))
    return _of_long(column, exp.DPipe(this=exp.Literal.string("***"), expression=last), SHORT["last4"])


WRITERS: Mapping[str, Callable[[exp.Column, str, str], exp.Expr]] = {
    "null": _nothing, "hash": _hash, "partial": _partial, "last4": _last4,
}  # fmt: skip


def _text(column: exp.Column) -> exp.Expr:
    return exp.cast(column.copy(), "text")


def _unless_null(column: exp.Column, value: exp.Expr) -> exp.Expr:
    return exp.case().when(column.copy().is_(exp.null()), exp.null()).else_(value)


def _of_long(column: exp.Column, piece: exp.Expr, length: int) -> exp.Expr:
    """The piece, of a text that is long enough to keep the rest to itself."""
    is_short = exp.LT(this=exp.func("length", _text(column)), expression=exp.Literal.number(length))
    case = exp.case().when(column.copy().is_(exp.null()), exp.null())
    return case.when(is_short, exp.Literal.string("***")).else_(piece)
