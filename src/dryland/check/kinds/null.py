"""Checks that a column holds nothing but nulls; failures are rows."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import rows_fail
from dryland.check.kinds.arguments import share
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the rows with a value."""
    says = (f"1 row has a {asked.column}", f"{{n}} rows have a {asked.column}")
    return rows_fail(asked, asked.value.is_(exp.null()).not_(), says, is_of_value=False)


KIND = Kind("null", term, takes={"mostly": share}, also={"expect_column_values_to_be_null": Alias()})
