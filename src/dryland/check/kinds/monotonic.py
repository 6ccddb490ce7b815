"""Checks that values only grow, or only shrink, in the order of another column; failures are rows.

Rows without a value are left out; NaN is neither larger nor smaller, and fails.
"""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import flag, number, one_of, order
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.no_number import or_nan
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Compare every value with the one before, of each group; `strictly` (true) allows none twice in a row.

    `step` wants each to be that much further. With `skip_nulls: false` nothing is compared across a null.
    """
    is_growing = asked.arguments.get("direction", "increasing") == "increasing"
    is_strict = asked.arguments.get("strictly", True)
    wrong = {(True, True): exp.LTE, (True, False): exp.LT, (False, True): exp.GTE, (False, False): exp.GT}
    fails: exp.Expr = wrong[is_growing, is_strict](this=asked.in_order(asked.value), expression=previous(asked))
    if (step := asked.arguments.get("step")) is not None:
        apart = exp.Sub(this=asked.value, expression=previous(asked))
        fails = exp.or_(fails, exp.NEQ(this=apart, expression=exp.convert(step if is_growing else -step)))
    by = asked.arguments.get("sort_column")
    ordered = with_previous(asked, asked.in_order(exp.column(by, quoted=True) if by else asked.value, by or ""))
    query = exp.select("*").from_(ordered.subquery("ordered")).where(or_nan(asked, fails, asked.column))
    word = "increasing" if is_growing else "decreasing"
    says = f"where {asked.column} is not {word}"
    return query_fails(query, (f"there is 1 row {says}", f"there are {{n}} rows {says}"))


def with_previous(asked: Asked, by: exp.Expr) -> exp.Select:
    """The rows, each with the value of the one before as `previous`; those without a value are left out."""
    groups = [exp.column(name, quoted=True) for name in asked.arguments.get("group_by") or ()]
    window = exp.Window(
        this=exp.Lag(this=asked.value), partition_by=groups, order=exp.Order(expressions=[exp.Ordered(this=by)])
    )
    query = exp.select("*", window.as_(previous(asked).name, quoted=True)).from_(asked.table.copy())
    present = [] if asked.arguments.get("skip_nulls") is False else [asked.value.is_(exp.null()).not_()]
    return query.where(*present, *asked.conditions)


def previous(asked: Asked) -> exp.Column:
    """Where `with_previous` has the value before."""
    found: exp.Column = exp.column(asked.free_name("previous"), quoted=True)
    return found


OWN_ORDER = {"sort_column": "", "skip_nulls": False}  # unless told, which shows values that are there twice
KIND = Kind(
    "monotonic", term,
    takes={
        "direction": one_of("increasing", "decreasing"), "sort_column": order, "strictly": flag, "step": number,
        "skip_nulls": flag,
    },
    needs=("sort_column",),
    also={
        "expect_column_values_to_be_increasing": Alias(given=OWN_ORDER),
        "expect_column_values_to_be_decreasing": Alias(given=OWN_ORDER | {"direction": "decreasing"}),
    },
)  # fmt: skip
