"""Checks that a column has no value twice; failures are the values that occur more than once."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.term import Term, condition
from dryland.project.nodes import Check

KIND = "unique"


def term(check: Check, table: exp.Table, dialect: str) -> Term:
    """Group by the column; nulls are no values."""
    column = exp.column(check.column, quoted=True)
    repeated = (
        exp.select(column, exp.Count(this=exp.Star()).as_("times", quoted=True))
        .from_(table.copy())
        .where(column.copy().is_(exp.null()).not_(), *condition(check, dialect))
        .group_by(column.copy())
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)))
    )
    failures = exp.select(exp.Count(this=exp.Star())).from_(repeated.copy().subquery("repeated")).subquery()
    return Term(
        failures=failures,
        sample=repeated,
        says=("1 value of {column} occurs more than once", "{n} values of {column} occur more than once"),
    )
