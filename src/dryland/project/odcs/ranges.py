"""Reads the ranges in the options of a logical type: of values, and of lengths."""

from __future__ import annotations

from typing import Any

from dryland.project.odcs.allowed import Allowed, Stretch
from dryland.project.odcs.contract import Field
from dryland.project.odcs.words import ENDS


def range_of(column: Field) -> Allowed | None:
    """The values that `minimum`, `maximum` and their exclusive forms allow."""
    given = {key: column.options[key] for key in ENDS if column.options.get(key) is not None}
    if not given:
        return None
    is_above, is_below = "exclusiveMinimum" in given, "exclusiveMaximum" in given
    low = given.get("exclusiveMinimum", given.get("minimum"))
    high = given.get("exclusiveMaximum", given.get("maximum"))
    return Allowed((Stretch(_end(low), not is_above, _end(high), not is_below),))


def length_of(column: Field) -> Allowed | None:
    """The lengths that `minLength` and `maxLength` allow."""
    low, high = (_number(column.options.get(key)) for key in ("minLength", "maxLength"))
    return None if low is None and high is None else Allowed((Stretch(low, True, high, True),))


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, int | float) else None


def _end(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float) else str(value)
