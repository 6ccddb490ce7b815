"""Checks that the values of a column lie between bounds; failures are rows, and NaN is outside of any."""

from __future__ import annotations

from dryland.check.bounds import NEEDS, TAKES, outside, said
from dryland.check.forms import rows_fail
from dryland.check.kinds.arguments import share
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.no_number import or_nan
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the rows outside of the bounds; those without a value are nowhere."""
    says = f"{asked.column} that is not {said(asked)}"
    wrong = outside(asked.in_order(asked.value), asked)
    if asked.arguments.get("max_value") is None:  # above a most NaN is anyway
        wrong = or_nan(asked, wrong, asked.column)
    return rows_fail(asked, wrong, (f"1 row has a {says}", f"{{n}} rows have a {says}"))


KIND = Kind(
    "accepted_range", term, takes={**TAKES, "mostly": share}, needs=NEEDS,
    also={"expect_column_values_to_be_between": Alias(), "between": Alias()},
)  # fmt: skip
