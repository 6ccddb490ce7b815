"""Checks that the last day, or another period, is like those before it: its number of rows, or the mean of a measure.

The yardstick is how much the periods before differ among themselves, as on a control chart. A failure is one, or one
of each group; with fewer than 7 periods before nothing can be said, and it passes.
"""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import count_from, number, one_of, sql
from dryland.check.kinds.kind import Kind
from dryland.check.term import Asked, Term

PERIODS = ("hour", "day", "week", "month")
PERIODS_MIN = 7


def term(asked: Asked) -> Term:
    """Compare with the `periods` (28) before: it may be `stdevs` (4) standard deviations away from their mean.

    Differences of less than `min_change` (0.1) of the mean bother nobody, however even the periods before were.
    """
    given = asked.arguments
    value, usual, spread = (exp.column(name) for name in ("value", "usual", "spread"))
    apart = exp.Abs(this=exp.Sub(this=value, expression=usual))
    by_chance = exp.Mul(this=spread, expression=exp.convert(given.get("stdevs", 4)))
    too_small = exp.Mul(this=exp.Abs(this=usual.copy()), expression=exp.convert(given.get("min_change", 0.1)))
    wrong = exp.and_(
        exp.EQ(this=exp.column("period"), expression=exp.column("last_period")),
        exp.GTE(this=exp.column("periods"), expression=exp.convert(PERIODS_MIN)),
        exp.GT(this=apart, expression=by_chance), exp.GT(this=apart.copy(), expression=too_small),
    )  # fmt: skip
    query = exp.select("*").from_(_compared(asked).subquery("compared")).where(wrong)
    what = "the number of rows" if "measure" not in given else "the mean of the measure"
    says = f"of the last {given.get('datepart', 'day')} in {asked.column} {what} is not what is usual"
    return query_fails(query, (says, f"{says}, in {{n}} groups"))


def _compared(asked: Asked) -> exp.Select:
    """Each period beside those before it, of its group."""
    groups = [exp.column(name, quoted=True) for name in asked.arguments.get("group_by") or ()]
    order = exp.Order(expressions=[exp.Ordered(this=exp.column("period"))])
    periods = exp.convert(asked.arguments.get("periods", 28))
    spec = exp.WindowSpec(kind="ROWS", start=periods, start_side="PRECEDING", end=exp.convert(1), end_side="PRECEDING")
    measures = {"usual": exp.Avg, "spread": exp.StddevSamp, "periods": exp.Count}
    before = [
        exp.Window(
            this=measure(this=exp.column("value")), partition_by=[each.copy() for each in groups],
            order=order.copy(), spec=spec.copy(),
        ).as_(name)
        for name, measure in measures.items()
    ]  # fmt: skip
    last = exp.Window(this=exp.Max(this=exp.column("period"))).as_("last_period")
    return exp.select("*", *before, last).from_(_periods(asked, groups).subquery("by_period"))


def _periods(asked: Asked, groups: list[exp.Column]) -> exp.Select:
    """What is measured of each period."""
    unit = exp.var(asked.arguments.get("datepart", "day").upper())
    period = exp.TimestampTrunc(this=asked.moment, unit=unit)
    value: exp.Expr = exp.Count(this=exp.Star())
    if "measure" in asked.arguments:
        value = exp.Avg(this=exp.cast(asked.expression(asked.arguments["measure"], "measure"), "double"))
    keys = [*(each.copy() for each in groups), period.as_("period")]
    query = exp.select(*keys, value.as_("value")).from_(asked.table.copy())
    query = query.where(asked.value.is_(exp.null()).not_(), *asked.conditions)
    return query.group_by(*(each.copy() for each in groups), period.copy())


KIND = Kind(
    "usual_period", term, of="moments",
    takes={
        "measure": sql, "datepart": one_of(*PERIODS), "periods": count_from(PERIODS_MIN), "stdevs": number,
        "min_change": number,
    },
)  # fmt: skip
