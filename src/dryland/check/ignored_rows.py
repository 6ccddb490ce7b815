"""Leaves rows out in which columns have no values, as `ignore_row_if` says."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from dryland.check.kinds.arguments import one_of
from dryland.check.kinds.kind import Parse
from dryland.check.term import Asked

ALL = ("all_values_are_missing", "both_values_are_missing")
ANY = ("any_value_is_missing", "either_value_is_missing")
NONE = ("never", "neither")
IGNORE_ROW_IF: Parse = one_of(*ALL, *ANY, *NONE)


def asked_rows(asked: Asked, columns: Sequence[str]) -> list[exp.Expr]:
    """Conditions on the rows that are asked about."""
    when = asked.arguments.get("ignore_row_if")
    nulls = [exp.column(name, quoted=True).is_(exp.null()) for name in columns]
    if when in ALL:
        return [exp.not_(exp.paren(exp.and_(*nulls)))]
    return [each.not_() for each in nulls] if when in ANY else []
