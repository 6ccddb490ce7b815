"""Checks that a column has no nulls; failures are rows."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.term import Term, failing_rows, within
from dryland.project.nodes import Check

KIND = "not_null"


def term(check: Check, table: exp.Table, dialect: str) -> Term:
    """Count the rows without a value; the sample shows them whole."""
    null = exp.column(check.column, quoted=True).is_(exp.null())
    offending = within(null, check, dialect)
    return Term(
        sample=failing_rows(null, check, table, dialect),
        says=("1 row has no {column}", "{n} rows have no {column}"),
        offending=offending,
    )
