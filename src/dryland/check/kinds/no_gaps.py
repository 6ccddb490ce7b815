"""Checks that there is a row of every day, hour or other period between the first and the last; failures are gaps."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.bounds import limit
from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import bound, count, one_of
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term

PERIODS = ("minute", "hour", "day", "week", "month", "quarter", "year")


def term(asked: Asked) -> Term:
    """Order the periods that are there, of each group, and look where the next one is too far away.

    `first` and `until` (which is not asked for itself) say where they have to begin and end.
    """
    period = asked.arguments.get("datepart", "day")
    groups = [exp.column(name, quoted=True) for name in asked.arguments.get("group_by") or ()]
    first, following = (_free(asked, name) for name in ("period", "next"))
    number = asked.arguments.get("interval", 1) * (3 if period == "quarter" else 1)
    unit = "MONTH" if period == "quarter" else period.upper()
    step = exp.Interval(this=exp.convert(str(number)), unit=exp.var(unit))
    there = exp.TimestampTrunc(this=asked.moment, unit=exp.var(period.upper()))
    periods: exp.Query = exp.select(*groups, there.as_(first.name, quoted=True)).distinct().from_(asked.table.copy())
    periods = periods.where(asked.value.is_(exp.null()).not_(), *_inside(asked, there), *asked.conditions)
    for end in _ends(asked, step):
        outside = exp.select(*(key.copy() for key in groups), end.as_(first.name, quoted=True)).distinct()
        periods = exp.union(periods, outside.from_(asked.table.copy()) if groups else outside)
    after = exp.Window(
        this=exp.Lead(this=first), partition_by=[each.copy() for each in groups],
        order=exp.Order(expressions=[exp.Ordered(this=first.copy())]),
    )  # fmt: skip
    ordered = exp.select("*", after.as_(following.name, quoted=True)).from_(periods.subquery("periods"))
    wrong = exp.GT(this=following, expression=exp.Add(this=first.copy(), expression=step.copy()))
    query = exp.select("*").from_(ordered.subquery("ordered")).where(wrong)
    says = f"in {asked.column}: a {period} without rows"
    return query_fails(query, (f"1 gap {says}", f"{{n}} gaps {says}"))


def _limit(asked: Asked, word: str) -> exp.Expr:
    return exp.cast(limit(asked.arguments[word], word, asked), "timestamp")


def _inside(asked: Asked, period: exp.Expr) -> list[exp.Expr]:
    """Only periods between the ends that are told."""
    ends = {"first": exp.GTE, "until": exp.LT}
    return [
        is_in(this=period.copy(), expression=_limit(asked, word))
        for word, is_in in ends.items()
        if word in asked.arguments
    ]


def _ends(asked: Asked, step: exp.Interval) -> list[exp.Expr]:
    """The periods right before and right after those that have to be there."""
    found: list[exp.Expr] = [_limit(asked, "until")] if "until" in asked.arguments else []
    if "first" in asked.arguments:
        found.append(exp.Sub(this=_limit(asked, "first"), expression=step.copy()))
    return found


def _free(asked: Asked, name: str) -> exp.Column:
    found: exp.Column = exp.column(asked.free_name(name), quoted=True)
    return found


THEIRS = {"date_col": "column", "date_part": "datepart", "test_start_date": "first", "test_end_date": "until"}
KIND = Kind(
    "no_gaps", term, of="moments",
    takes={"datepart": one_of(*PERIODS), "interval": count, "first": bound, "until": bound},
    also={"expect_row_values_to_have_data_for_every_n_datepart": Alias(THEIRS)},
)  # fmt: skip
