"""Checks that a column has not the same value in all rows; a failure is one, or one of each group."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import whole_fails
from dryland.check.kinds.kind import Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the different values; a column without any is not constant."""
    number = exp.Count(this=exp.Distinct(expressions=[asked.value]))
    wrong = exp.EQ(this=number, expression=exp.Literal.number(1))
    return whole_fails(asked, wrong, f"{asked.column} is the same in all rows", {"different values": number})


KIND = Kind("not_constant", term)
