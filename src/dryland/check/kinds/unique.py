"""Checks that a column has no value twice; failures are the values that occur more than once."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.term import Term, condition
from dryland.project.nodes import Check

KIND = "unique"


def term(check: Check, table: exp.Table, dialect: str) -> Term:
    """Group by the column; nulls are no values."""
    repeated = _repeated(check, table, dialect, names=(check.column, "times"))
    return Term(
        failures=exp.select(exp.Count(this=exp.Star())).from_(repeated.copy().subquery("repeated")).subquery(),
        sample=repeated,
        says=("1 value of {column} occurs more than once", "{n} values of {column} occur more than once"),
        failing=_repeated(check, table, dialect, names=("unique_field", "n_records")),
        unique=None if check.where else exp.column(check.column, quoted=True),
    )


def _repeated(check: Check, table: exp.Table, dialect: str, *, names: tuple[str, str]) -> exp.Select:
    column = exp.column(check.column, quoted=True)
    return (
        exp.select(column.as_(names[0], quoted=True), exp.Count(this=exp.Star()).as_(names[1], quoted=True))
        .from_(table.copy())
        .where(column.copy().is_(exp.null()).not_(), *condition(check, dialect))
        .group_by(column.copy())
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)))
    )
