"""Checks that an aggregate of a column lies between bounds: mean, sum, median, a quantile, the number of values.

Where one value is NaN, no minimum, mean or other measure of the numbers is between any bounds; counts count it as a
value. Of infinity there is no deviation either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from dryland.check.bounds import NEEDS, TAKES, limit, outside, said
from dryland.check.dialects import WORDS
from dryland.check.forms import whole_fails
from dryland.check.kinds.arguments import bound, flag, one_of, share
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.no_number import finite, or_any_endless, or_any_nan
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Work out the aggregate of the table, or of each group; without values there is nothing to judge."""
    name = asked.arguments["aggregate"]
    value, exactly = AGGREGATES[name](asked), asked.arguments.get("equals")
    if exactly is None:
        wrong: exp.Expr = outside(value, asked)
        allowed = said(asked)
    else:
        wrong, allowed = exp.NEQ(this=value, expression=limit(exactly, "equals", asked)), str(exactly)
    if name == "stdev":
        wrong = or_any_endless(asked, wrong)
    elif name not in COUNTS:
        wrong = or_any_nan(asked, wrong)
    return whole_fails(asked, wrong, f"{name} of {asked.column} is not {allowed}", {name: value})


def _number(asked: Asked) -> exp.Expr:
    return exp.cast(asked.value, "double")


def _extremes(asked: Asked) -> tuple[exp.Expr, exp.Expr]:
    return WORDS[asked.dialect].extremes(asked.value, asked.type_of(asked.column).lower())


def _distinct(asked: Asked) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[asked.value]))


def _share(part: exp.Expr, whole: exp.Expr) -> exp.Expr:
    zero = exp.Literal.number(0)
    return exp.Div(this=exp.cast(part, "double"), expression=exp.Nullif(this=whole, expression=zero))


def _quantile(asked: Asked) -> exp.Expr:
    at = exp.convert(asked.arguments.get("quantile", 0.5))
    ordered = exp.Order(expressions=[exp.Ordered(this=asked.value)])
    form = exp.PercentileCont if asked.arguments.get("interpolate", True) else exp.PercentileDisc
    return exp.WithinGroup(this=form(this=at), expression=ordered)


def _distinct_share(asked: Asked) -> exp.Expr:
    """Of no values all are different."""
    part = _share(_distinct(asked), exp.Count(this=asked.value))
    return exp.Coalesce(this=part, expressions=[exp.Literal.number(1)])


AGGREGATES: Mapping[str, Callable[[Asked], exp.Expr]] = {
    "min": lambda asked: _extremes(asked)[0],
    "max": lambda asked: _extremes(asked)[1],
    "sum": lambda asked: exp.Sum(this=asked.value),
    "mean": lambda asked: exp.Avg(this=_number(asked)),
    "median": lambda asked: exp.Median(this=asked.value),
    "stdev": lambda asked: exp.StddevSamp(this=exp.cast(finite(asked), "double")),
    "quantile": _quantile,
    "count": lambda asked: exp.Count(this=asked.value),
    "distinct_count": _distinct,
    "distinct_share": _distinct_share,
    "value_share": lambda asked: _share(exp.Count(this=asked.value), exp.Count(this=exp.Star())),
}
"""By name; `distinct_share` is of the rows with a value, `value_share` of all, `stdev` of a sample, quantiles are
interpolated unless `interpolate` is false."""
COUNTS = frozenset({"count", "distinct_count", "distinct_share", "value_share"})

THEIRS = {
    "expect_column_min_to_be_between": "min", "expect_column_max_to_be_between": "max",
    "expect_column_sum_to_be_between": "sum", "expect_column_mean_to_be_between": "mean",
    "expect_column_median_to_be_between": "median", "expect_column_stdev_to_be_between": "stdev",
    "expect_column_quantile_values_to_be_between": "quantile",
    "expect_column_unique_value_count_to_be_between": "distinct_count",
    "expect_column_proportion_of_unique_values_to_be_between": "distinct_share",
    "expect_column_proportion_of_non_null_values_to_be_between": "value_share",
}  # fmt: skip
COUNTED = {"aggregate": "distinct_count"}
ALIASES = {name: Alias(given={"aggregate": aggregate}) for name, aggregate in THEIRS.items()}
KIND = Kind(
    "aggregate_range", term, takes={
        **TAKES, "aggregate": one_of(*AGGREGATES), "equals": bound, "quantile": share, "interpolate": flag,
    },
    needs=("aggregate", f"equals|{NEEDS[0]}"),
    also={
        **ALIASES,
        "at_least_one": Alias(given={"aggregate": "count", "min_value": 1}),
        "not_null_proportion": Alias({"at_least": "min_value", "at_most": "max_value"}, {"aggregate": "value_share"}),
        "expect_column_distinct_count_to_equal": Alias({"value": "equals"}, COUNTED),
        "expect_column_distinct_count_to_be_greater_than": Alias({"value": "min_value"}, COUNTED | {"strictly": True}),
        "expect_column_distinct_count_to_be_less_than": Alias({"value": "max_value"}, COUNTED | {"strictly": True}),
    },
)  # fmt: skip
