"""Checks how many characters the values of a column have; failures are rows."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.bounds import NEEDS, TAKES, outside, said
from dryland.check.forms import rows_fail
from dryland.check.kinds.arguments import count, share
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the rows whose value is too short or too long."""
    length = exp.Length(this=asked.text)
    exactly = asked.arguments.get("equals")
    if exactly is not None:
        wrong: exp.Expr = exp.NEQ(this=length, expression=exp.convert(exactly))
        of = f"{asked.column} that has not {exactly} characters"
    else:
        wrong = outside(length, asked)
        of = f"{asked.column} whose length is not {said(asked)}"
    return rows_fail(asked, wrong, (f"1 row has a {of}", f"{{n}} rows have a {of}"))


KIND = Kind(
    "value_length", term, takes={**TAKES, "equals": count, "mostly": share}, needs=(f"equals|{NEEDS[0]}",),
    of="text",
    also={
        "expect_column_value_lengths_to_equal": Alias({"value": "equals"}),
        "expect_column_value_lengths_to_be_between": Alias(),
    },
)  # fmt: skip
