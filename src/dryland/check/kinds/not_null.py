"""Checks that a column has no nulls; failures are rows."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import rows_fail
from dryland.check.kinds.arguments import share
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the rows without a value; the sample shows them whole."""
    says = (f"1 row has no {asked.column}", f"{{n}} rows have no {asked.column}")
    return rows_fail(asked, asked.value.is_(exp.null()), says, is_of_value=False)


KIND = Kind(
    "not_null", term, takes={"mostly": share},
    also={"expect_column_values_to_not_be_null": Alias()},
)  # fmt: skip
