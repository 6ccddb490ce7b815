"""Checks that each value is the one before plus a step: no gap, nothing twice; failures are rows.

NaN and infinities follow nothing, and fail.
"""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import number, one_of
from dryland.check.kinds.kind import Kind
from dryland.check.kinds.monotonic import previous, with_previous
from dryland.check.no_number import or_endless
from dryland.check.term import Asked, Term

PERIODS = ("second", "minute", "hour", "day", "week", "month", "year")


def term(asked: Asked) -> Term:
    """Compare every value with the one before; `interval` (1) is a number, or with `datepart` that many periods."""
    step, period = exp.convert(asked.arguments.get("interval", 1)), asked.arguments.get("datepart")
    before: exp.Expr = previous(asked)
    value: exp.Expr = asked.value
    if period:
        step = exp.Interval(this=exp.convert(str(asked.arguments.get("interval", 1))), unit=exp.var(period.upper()))
        before, value = asked.moment_of(before), asked.moment_of(value)
    wrong = exp.NEQ(this=value, expression=exp.Add(this=before, expression=step))
    ordered = with_previous(asked, asked.value).subquery("ordered")
    query = exp.select("*").from_(ordered).where(or_endless(asked, wrong, asked.column))
    says = f"a {asked.column} that does not follow the one before"
    return query_fails(query, (f"1 row has {says}", f"{{n}} rows have {says}"))


KIND = Kind("sequential_values", term, takes={"interval": number, "datepart": one_of(*PERIODS)})
