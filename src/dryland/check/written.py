"""Writes the values of a list as the warehouse writes those of a column: `1` is 1.0 in a column of floats."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.dialects import WORDS, family
from dryland.check.readable import is_readable
from dryland.check.term import Asked

READ = ("number", "moment", "boolean")  # families of which one value can be written in several ways


def written(asked: Asked, value: str) -> exp.Expr:
    """A value as a text of the column's; one that the column cannot hold as it stands."""
    text, kind = exp.convert(value), asked.type_of(asked.column)
    if family(kind) not in READ and kind != "UUID":
        return text
    to = exp.DataType.build(kind, dialect=asked.dialect)
    if not WORDS[asked.dialect].has_try_cast:
        return exp.cast(_read(text, to), "text") if is_readable(value, kind) else text
    read = exp.TryCast(this=text, to=to, safe=True)
    return exp.Coalesce(this=exp.cast(read, "text"), expressions=[text.copy()])


def _read(text: exp.Expr, to: exp.DataType) -> exp.Expr:
    """A text as a value of a type, which is there; whole numbers may be written with places."""
    number = exp.cast(text, "numeric") if to.this in exp.DataType.INTEGER_TYPES else text
    return exp.cast(number, to)
