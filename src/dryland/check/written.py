"""Writes the values of a list as the warehouse writes those of a column: `1` is 1.0 in a column of floats."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.dialects import WORDS, family
from dryland.check.readable import is_readable
from dryland.check.term import Asked

READ = ("number", "moment", "boolean")  # families of which one value can be written in several ways
ANY_SCALE = ("NUMERIC", "DECIMAL")


def text_of(asked: Asked) -> exp.Expr:
    """The values of the column as texts: equal values are written alike."""
    return exp.cast(_short(asked, asked.value), "text") if _keeps_zeros(asked) else asked.text


def written(asked: Asked, value: str) -> exp.Expr:
    """A value as a text of the column's; one that the column cannot hold as it stands."""
    text, kind = exp.convert(value), asked.type_of(asked.column)
    if family(kind) not in READ and kind != "UUID":
        return text
    to = exp.DataType.build(kind, dialect=asked.dialect)
    if WORDS[asked.dialect].has_try_cast:
        read: exp.Expr = exp.TryCast(this=text, to=to, safe=True)
        return exp.Coalesce(this=exp.cast(read, "text"), expressions=[text.copy()])
    if not is_readable(value, kind):
        return text
    number = exp.cast(text, "numeric") if to.this in exp.DataType.INTEGER_TYPES else text  # may be written with places
    return exp.cast(_short(asked, exp.cast(number, to)), "text")


def own_written(asked: Asked, value: exp.Expr) -> exp.Expr:
    """An expression of the team's own, as a text of the column's."""
    kind = asked.type_of(asked.column)
    read = exp.cast(value, exp.DataType.build(kind, dialect=asked.dialect)) if kind else value
    return exp.cast(_short(asked, read), "text")


def _short(asked: Asked, number: exp.Expr) -> exp.Expr:
    shorten = WORDS[asked.dialect].short
    return exp.Anonymous(this=shorten, expressions=[number]) if _keeps_zeros(asked) else number


def _keeps_zeros(asked: Asked) -> bool:
    """Whether 1.0 and 1.00 are both there, and the same."""
    return bool(WORDS[asked.dialect].short) and asked.type_of(asked.column) in ANY_SCALE
