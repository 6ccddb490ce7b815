"""Says in DuckDB's words what checks and profiles ask of single values."""

from __future__ import annotations

from sqlglot import exp

from dryland.engines.relation import Column

FRACTIONS = ("FLOAT", "DOUBLE", "REAL")  # that have two zeros
MADE_OF_OTHERS = ("STRUCT", "MAP", "UNION", "VARIANT")  # how types begin whose values hold others; lists end in `]`
TYPES = {"date": "DATE", "timestamp": "TIMESTAMP", "number": "DOUBLE", "json": "JSON"}
"""Forms that a text has when it can be read as that type."""


def told(column: Column) -> list[exp.Expr]:
    """What is hashed of a column: a hash takes a month for 30 days and 0.0 for -0.0, who reads them may not.

    It takes NULL for an empty list, for a list or a struct of nothing but NULL, and lists in a list for one: beside it
    their text is hashed, which alone says not which type of a union a value has.
    """
    name, kind = exp.column(column.name, quoted=True), column.type.upper()
    if "INTERVAL" in kind:
        return [exp.cast(name, "TEXT")]
    if kind in FRACTIONS:
        return [name, exp.Anonymous(this="signbit", expressions=[name.copy()])]
    if kind.endswith("]") or kind.startswith(MADE_OF_OTHERS):
        return [name, exp.cast(name.copy(), "TEXT")]
    return [name]


def is_number(value: exp.Expr) -> exp.Expr:
    """That a value is neither NaN nor infinite."""
    return exp.Anonymous(this="isfinite", expressions=[value])


def is_unreadable(text: exp.Expr, form: str) -> exp.Expr:
    """That a text cannot be read as a date, a timestamp, a number or JSON."""
    read = exp.TryCast(this=text, to=exp.DataType.build(TYPES[form]), safe=True)
    if form != "number":
        return read.is_(exp.null())
    return exp.Coalesce(this=is_number(read), expressions=[exp.false()]).not_()


def is_no_moment(text: exp.Expr, form: str) -> exp.Expr:
    """That a text is no moment in a form of strftime."""
    return exp.Anonymous(this="try_strptime", expressions=[text, exp.convert(form)]).is_(exp.null())
