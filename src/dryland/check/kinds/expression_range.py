"""Checks that an expression lies between bounds, of every row or, with aggregates, of the table; failures are rows."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.bounds import NEEDS, TAKES, outside, said
from dryland.check.kinds.arguments import share, sql
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.own_expression import expression_fails
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Work the expression out; of null nothing is said."""

    def wrong(value: exp.Expr) -> exp.Expr:
        return outside(value, asked)

    text = str(asked.arguments["expression"])
    shown = f"`{' '.join(text.split())}` is not {said(asked)}"
    return expression_fails(asked, text, wrong, (f"of 1 row {shown}", f"of {{n}} rows {shown}"))


KIND = Kind(
    "expression_range", term, about="table", takes={**TAKES, "expression": sql, "mostly": share},
    needs=("expression", *NEEDS), also={"expression_between": Alias()},
)  # fmt: skip
