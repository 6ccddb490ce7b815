"""Checks that the newest moment in a column is not older than it may be; a failure is one, or one of each group.

A table without a moment is as late as can be. Moments without a zone are taken as UTC; infinity is no moment.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from dryland.check.forms import whole_fails
from dryland.check.kinds.arguments import count, flag, one_of
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term
from dryland.project.odcs.durations import duration_s

PERIODS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")


def term(asked: Asked) -> Term:
    """Compare the maximum with the clock: `within: 6 hours`, or a `datepart` and an `interval`.

    `ignore_future` looks at what is past already, `ignore_time_component` at days, `empty: passes` wants no moment.
    """
    moment, now = _finite(asked), _now(asked)
    if asked.arguments.get("ignore_future"):
        moment = exp.case().when(exp.LTE(this=_plain(asked, asked.value), expression=now.copy()), moment)
    newest: exp.Expr = _plain(asked, exp.Max(this=moment))
    oldest: exp.Expr = exp.Sub(this=now, expression=_interval(asked))
    if asked.arguments.get("ignore_time_component"):
        newest, oldest = exp.cast(newest, "date"), exp.cast(oldest, "date")
    nothing = exp.convert(asked.arguments.get("empty", "fails") == "fails")
    late = exp.Coalesce(this=exp.LT(this=newest, expression=oldest), expressions=[nothing])
    return whole_fails(asked, late, f"the newest {asked.column} is older than {_said(asked)}", {"newest": newest})


def _now(asked: Asked) -> exp.Expr:
    now = exp.CurrentTimestamp()
    return now if _has_zone(asked) else exp.AtTimeZone(this=now, zone=exp.convert("UTC"))


def _plain(asked: Asked, moment: exp.Expr) -> exp.Expr:
    return moment if _has_zone(asked) else exp.cast(moment, "timestamp")


def _has_zone(asked: Asked) -> bool:
    return "WITH TIME ZONE" in asked.type_of(asked.column)


def _finite(asked: Asked) -> exp.Expr:
    if not asked.type_of(asked.column).startswith(("DATE", "TIMESTAMP")):
        return asked.value
    is_finite = exp.Anonymous(this="isfinite", expressions=[asked.value])
    return exp.case().when(is_finite, asked.value)


def _interval(asked: Asked) -> exp.Expr:
    if "within" in asked.arguments:
        return exp.Interval(this=exp.convert(str(int(asked.arguments["within"]))), unit=exp.var("SECOND"))
    number, period = asked.arguments["interval"], asked.arguments["datepart"]
    number, period = (number * 3, "month") if period == "quarter" else (number, period)
    return exp.Interval(this=exp.convert(str(number)), unit=exp.var(period.upper()))


def _said(asked: Asked) -> str:
    if "within" in asked.arguments:
        return str(asked.check.arguments["within"])
    return f"{asked.arguments['interval']} {asked.arguments['datepart']}s"


def _duration(value: Any) -> float:
    amount, _, unit = str(value).strip().partition(" ")
    seconds = duration_s(amount, unit.strip())
    if seconds is None:
        raise ValueError("a time such as `6 hours` or `1 day`")
    return seconds


KIND = Kind(
    "freshness", term, takes={
        "within": _duration, "interval": count, "datepart": one_of(*PERIODS), "ignore_future": flag,
        "ignore_time_component": flag, "empty": one_of("fails", "passes"),
    },
    needs=("within|interval",), is_volatile=True, of="moments",
    also={
        "recency": Alias({"field": "column"}),
        "expect_row_values_to_have_recent_data": Alias(given={"ignore_future": True}),
        "expect_grouped_row_values_to_have_recent_data": Alias(
            {"timestamp_column": "column"}, {"ignore_future": True, "empty": "passes"}
        ),
    },
)  # fmt: skip
