"""Tells whether a text can be read as a value of a type, for warehouses that fail where others give null."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from uuid import UUID

INTEGERS: Mapping[str, int] = {"SMALLINT": 2**15, "INTEGER": 2**31, "BIGINT": 2**63}
BOOLEANS = frozenset("true t yes y on 1 false f no n off 0".split())
EXACT = re.compile(r"(?:NUMERIC|DECIMAL)(?:\((\d+)(?:,\s*(-?\d+))?\))?")
FLOAT_MAX = {"REAL": Decimal("3.4028234e38"), "DOUBLE PRECISION": Decimal("1.7976931348623157e308")}


def is_readable(text: str, kind: str) -> bool:
    """Whether a type has a value that is written so.

    >>> is_readable("1.0", "INTEGER"), is_readable("70000", "SMALLINT"), is_readable("2026-02-30", "DATE")
    (True, False, False)
    """
    first = kind.partition(" ")[0].partition("(")[0]
    if kind in INTEGERS or kind in FLOAT_MAX or first in ("NUMERIC", "DECIMAL"):
        return _is_number(text, kind)
    if first == "BOOLEAN":
        return text.lower() in BOOLEANS
    read = MOMENTS.get(first)
    if read is None:
        return False
    try:
        read(text)
    except ValueError:
        return False
    return True


def _is_number(text: str, kind: str) -> bool:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return False
    if not found.is_finite():
        return False
    if kind in INTEGERS:
        whole = found.quantize(Decimal(1), ROUND_HALF_UP) if abs(found) < 10**20 else found
        return -INTEGERS[kind] <= whole < INTEGERS[kind]
    if kind in FLOAT_MAX:
        return abs(found) <= FLOAT_MAX[kind]
    digits = EXACT.fullmatch(kind)
    if digits is None or not digits[1]:
        return digits is not None
    places = int(digits[2] or 0)
    return abs(found) + Decimal(5).scaleb(-places - 1) < Decimal(10) ** (int(digits[1]) - places)  # it is rounded


MOMENTS: Mapping[str, Callable[[str], object]] = {
    "DATE": date.fromisoformat, "TIMESTAMP": datetime.fromisoformat, "TIME": time.fromisoformat, "UUID": UUID,
}  # fmt: skip
