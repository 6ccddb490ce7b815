"""Checks that a table has fewer rows than another one; a failure is one, or one of each group."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import flag, text
from dryland.check.kinds.equal_rowcount import THEIRS, counted
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count both; with `or_equal` as many are few enough."""
    wrong = exp.GT if asked.arguments.get("or_equal") else exp.GTE
    beyond = wrong(this=exp.column("rows"), expression=exp.column("rows of the other", quoted=True))
    query = exp.select("*").from_(counted(asked).subquery("counted")).where(beyond)
    says = f"it does not have fewer rows than {asked.named('to')}"
    return query_fails(query, (says, f"of {{n}} groups {says}"))


KIND = Kind(
    "fewer_rows_than", term, about="table", takes={"to": text, "or_equal": flag}, needs=("to",),
    also={"fewer_rows_than": Alias(THEIRS)},
)  # fmt: skip
