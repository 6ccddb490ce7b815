"""Finds what floats hold that is no number: NaN is not null, larger than everything, and belongs into no range."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.dialects import WORDS, has_no_number
from dryland.check.term import Asked


def is_float(asked: Asked, column: str) -> bool:
    """Whether a column may hold NaN or infinities."""
    return has_no_number(asked.type_of(column), asked.dialect)


def or_nan(asked: Asked, wrong: exp.Expr, *columns: str) -> exp.Expr:
    """A condition on rows, which NaN in one of the columns meets, too: in comparisons it would pass for a number."""
    found = [exp.IsNan(this=exp.column(name, quoted=True)) for name in columns if is_float(asked, name)]
    return exp.or_(wrong, *found) if found else wrong


def or_endless(asked: Asked, wrong: exp.Expr, column: str) -> exp.Expr:
    """A condition on rows, which NaN and infinities meet, too: nothing comes after them."""
    value = exp.column(column, quoted=True)
    if is_float(asked, column):
        return exp.or_(wrong, is_number(asked, value).not_())
    if not asked.type_of(column).startswith(("DATE", "TIMESTAMP")):
        return wrong
    return exp.or_(wrong, exp.Anonymous(this="isfinite", expressions=[value]).not_())


def is_number(asked: Asked, value: exp.Expr) -> exp.Expr:
    """That a value of a float column is neither NaN nor infinite."""
    return WORDS[asked.dialect].is_number(value)


def finite(asked: Asked) -> exp.Expr:
    """The values of a float column that are numbers; null for the others."""
    if not is_float(asked, asked.column):
        return asked.value
    return exp.case().when(is_number(asked, asked.value), asked.value)


def or_any_endless(asked: Asked, wrong: exp.Expr) -> exp.Expr:
    """A condition on the table, which NaN or infinity in any row meets, too."""
    if not is_float(asked, asked.column):
        return wrong
    ends = (is_number(asked, each(this=asked.value)).not_() for each in (exp.Min, exp.Max))
    return exp.or_(wrong, *ends)


def or_any_nan(asked: Asked, wrong: exp.Expr) -> exp.Expr:
    """A condition on the table, which NaN in any row meets, too: the largest value is NaN then."""
    if not is_float(asked, asked.column):
        return wrong
    return exp.or_(wrong, exp.IsNan(this=exp.Max(this=asked.value)))
