"""Checks that values are no further from the mean than some standard deviations; failures are rows.

NaN and infinities are outliers, and no part of the mean.
"""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails, rows_fail
from dryland.check.kinds.arguments import flag, number, one_of, share
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.no_number import is_float, is_number
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Compare each value with the mean of all numbers that are asked about; the deviation is that of a sample.

    `of: sums` compares the sums of groups with each other, `double_sided: false` finds only what is too large.
    """
    if asked.arguments.get("of") == "sums":
        return _sums(asked)
    value = asked.number
    mean, deviation = (_of_all(asked, measure(this=value.copy())) for measure in (exp.Avg, exp.StddevSamp))
    apart: exp.Expr = exp.Sub(this=value, expression=mean)
    if asked.arguments.get("double_sided", True):
        apart = exp.Abs(this=apart)
    allowed = exp.Mul(this=deviation, expression=exp.convert(asked.arguments["stdevs"]))
    wrong: exp.Expr = exp.GT(this=apart, expression=allowed)
    if is_float(asked, asked.column):
        wrong = exp.or_(wrong, _finite(asked).not_())
    says = f"further than {asked.arguments['stdevs']} standard deviations from the mean"
    of = asked.column
    return rows_fail(asked, wrong, (f"1 {of} is {says}", f"{{n}} values of {of} are {says}"))


def _sums(asked: Asked) -> Term:
    """Groups fail; the sum of all rows alone has nothing to be compared with."""
    groups = [exp.column(name, quoted=True) for name in asked.arguments.get("group_by") or ()]
    total = exp.cast(exp.Sum(this=asked.value), "double")
    sums = exp.select(*groups, total.as_("total")).from_(asked.table.copy()).where(*asked.conditions)
    sums = sums.group_by(*(each.copy() for each in groups))
    column = exp.column("total")
    deviations = [exp.Window(this=measure(this=column.copy())) for measure in (exp.Avg, exp.StddevSamp)]
    shown = [each.as_(name) for each, name in zip(deviations, ("mean", "deviation"), strict=True)]
    judged = exp.select("*", *shown).from_(sums.subquery("sums")).subquery("judged")
    apart = exp.Abs(this=exp.Sub(this=column.copy(), expression=exp.column("mean")))
    allowed = exp.Mul(this=exp.column("deviation"), expression=exp.convert(asked.arguments["stdevs"]))
    wrong = exp.and_(exp.GT(this=apart, expression=allowed), exp.column("deviation").neq(0))
    says = f"of {asked.column} further than {asked.arguments['stdevs']} standard deviations from their mean"
    query = exp.select("*").from_(judged).where(wrong)
    return query_fails(query, (f"1 sum {says}", f"{{n}} sums {says}"))


def _of_all(asked: Asked, measure: exp.Expr) -> exp.Expr:
    numbers = [_finite(asked)] if is_float(asked, asked.column) else []
    return exp.select(measure).from_(asked.table.copy()).where(*asked.conditions, *numbers).subquery()


def _finite(asked: Asked) -> exp.Expr:
    return is_number(asked, asked.value)


SUMS = {"of": "sums", "stdevs": 3}
KIND = Kind(
    "outliers", term, needs=("stdevs",), of="numbers",
    takes={"stdevs": number, "mostly": share, "of": one_of("values", "sums"), "double_sided": flag},
    also={
        "expect_column_values_to_be_within_n_stdevs": Alias({"sigma_threshold": "stdevs"}, SUMS),
        "expect_column_value_z_scores_to_be_less_than": Alias({"threshold": "stdevs"}),
    },
)  # fmt: skip
