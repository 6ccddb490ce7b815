"""Finds what floats hold that is no number: NaN is not null, larger than everything, and belongs into no range."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.term import Asked

FLOATS = ("FLOAT", "DOUBLE", "REAL")


def is_float(asked: Asked, column: str) -> bool:
    """Whether a column may hold NaN and infinities."""
    return asked.type_of(column) in FLOATS


def or_nan(asked: Asked, wrong: exp.Expr, *columns: str) -> exp.Expr:
    """A condition on rows, which NaN in one of the columns meets, too: in comparisons it would pass for a number."""
    found = [exp.IsNan(this=exp.column(name, quoted=True)) for name in columns if is_float(asked, name)]
    return exp.or_(wrong, *found) if found else wrong


def or_endless(asked: Asked, wrong: exp.Expr, column: str) -> exp.Expr:
    """A condition on rows, which NaN and infinities meet, too: nothing comes after them."""
    kind = asked.type_of(column)
    if kind not in FLOATS and not kind.startswith(("DATE", "TIMESTAMP")):
        return wrong
    return exp.or_(wrong, exp.Anonymous(this="isfinite", expressions=[exp.column(column, quoted=True)]).not_())


def finite(asked: Asked) -> exp.Expr:
    """The values of a float column that are numbers; null for the others."""
    if not is_float(asked, asked.column):
        return asked.value
    return exp.case().when(exp.Anonymous(this="isfinite", expressions=[asked.value]), asked.value)


def or_any_endless(asked: Asked, wrong: exp.Expr) -> exp.Expr:
    """A condition on the table, which NaN or infinity in any row meets, too."""
    if not is_float(asked, asked.column):
        return wrong
    ends = (exp.Anonymous(this="isfinite", expressions=[each(this=asked.value)]).not_() for each in (exp.Min, exp.Max))
    return exp.or_(wrong, *ends)


def or_any_nan(asked: Asked, wrong: exp.Expr) -> exp.Expr:
    """A condition on the table, which NaN in any row meets, too: the largest value is NaN then."""
    if not is_float(asked, asked.column):
        return wrong
    return exp.or_(wrong, exp.IsNan(this=exp.Max(this=asked.value)))
