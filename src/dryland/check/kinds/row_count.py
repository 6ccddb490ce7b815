"""Checks how many rows a table has; a failure is one, or one of each group."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.bounds import NEEDS, TAKES, outside, said
from dryland.check.forms import whole_fails
from dryland.check.kinds.arguments import count
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the rows. Groups that are not there have no rows to count: `distinct_values` finds those."""
    rows = exp.Count(this=exp.Star())
    exactly = asked.arguments.get("equals")
    if exactly is not None:
        wrong: exp.Expr = exp.NEQ(this=rows, expression=exp.convert(exactly))
        return whole_fails(asked, wrong, f"there are not {exactly} rows", {"rows": rows})
    return whole_fails(asked, outside(rows, asked), f"the number of rows is not {said(asked)}", {"rows": rows})


KIND = Kind(
    "row_count", term, about="table", takes={**TAKES, "equals": count}, needs=(f"equals|{NEEDS[0]}",),
    also={
        "expect_table_row_count_to_be_between": Alias(),
        "expect_table_row_count_to_equal": Alias({"value": "equals"}),
    },
)  # fmt: skip
