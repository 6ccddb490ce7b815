"""Checks that an expression is true of every row; failures are rows, and of null an expression says nothing.

At a column the expression is what follows the column's name, as for dbt_utils: `> 0`. One with aggregates is asked of
the table: `sum(paid) > 0`.
"""

from __future__ import annotations

from sqlglot import exp

from dryland.check.kinds.arguments import share, sql
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.own_expression import expression_fails
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the rows of which it is false."""
    text = str(asked.arguments["expression"])
    if asked.column:
        asked.own_sql(text, "the `expression`")  # what stands beside the column, by itself
        text = f"{asked.value.sql(dialect=asked.dialect)} {text}"
    if condition := asked.arguments.get("test_condition"):
        asked.own_sql(str(condition), "the `test_condition`")
        text = f"({text}\n) {condition}"
    shown = " ".join(str(asked.arguments["expression"]).split())
    says = (f"of 1 row `{shown}` is not true", f"of {{n}} rows `{shown}` is not true")
    return expression_fails(asked, text, exp.not_, says)


KIND = Kind(
    "expression_is_true", term, about="either", needs=("expression",),
    takes={"expression": sql, "test_condition": sql, "mostly": share},
    also={"expect_column_values_to_satisfy": Alias()},
)  # fmt: skip
