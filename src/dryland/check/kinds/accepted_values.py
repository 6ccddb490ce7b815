"""Checks that a column has only values from a list; failures are the distinct values that are not in it."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.term import Term, condition
from dryland.project.nodes import Check

KIND = "accepted_values"


def term(check: Check, table: exp.Table, dialect: str) -> Term:
    """Count distinct strangers; nulls are no values. With `quote: false` the list holds expressions."""
    column = exp.column(check.column, quoted=True)
    strange = column.isin(*_accepted(check, dialect)).not_()
    distinct = exp.Count(this=exp.Distinct(expressions=[column.copy()]))
    failures = exp.Filter(this=distinct, expression=exp.Where(this=exp.and_(strange, *condition(check, dialect))))
    sample = (
        exp.select(column.copy(), exp.Count(this=exp.Star()).as_("times", quoted=True))
        .from_(table.copy())
        .where(strange.copy(), *condition(check, dialect))
        .group_by(column.copy())
    )
    return Term(
        failures=failures,
        sample=sample,
        says=("1 value of {column} is not in the list", "{n} values of {column} are not in the list"),
    )


def _accepted(check: Check, dialect: str) -> list[exp.Expr]:
    values = check.arguments.get("values") or ()
    if check.arguments.get("quote", True):
        return [exp.Literal.string(str(value)) for value in values]
    return [exp.maybe_parse(str(value), dialect=dialect) for value in values]
