"""Infers the types of a seed's columns as dbt does, so that the same file gives the same table.

dbt tries, for a whole column: number (whole ones become `integer`), date, timestamp, boolean, and last text; an empty
field or the word null fits all. Where dbt's choice would fail to load (whole numbers beyond 32 bits, or beside `nan`),
a wider type is taken.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from dryland.engines.seed_columns import column_names

WHOLE = {"INTEGER": range(-(2**31), 2**31), "BIGINT": range(-(2**63), 2**63)}
MISPLACED = re.compile(r"(?<!\d)_|_(?!\d)")  # a line below that groups no digits
NOT_FINITE = frozenset({"nan", "inf", "infinity"})  # numbers to dbt, and to DuckDB's doubles; in any case, with a sign
NULLS = frozenset({"", "null"})


def infer_types(path: Path, delimiter: str, declared: Mapping[str, str]) -> dict[str, str]:
    """Column name -> DuckDB type; what is declared is taken as it is, whatever the case of its name."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file, delimiter=delimiter)
        header = column_names(next(rows))
        columns = list(zip(*(row for row in rows if row), strict=False)) or [() for _ in header]
    fixed = {name.lower(): kind for name, kind in declared.items()}
    return {name: fixed.get(name.lower()) or _type(values) for name, values in zip(header, columns, strict=True)}


def _type(values: Iterable[str]) -> str:
    present = {value.strip() for value in values} - {""}
    present = {value for value in present if value.lower() not in NULLS}
    if not present:
        return "INTEGER"
    numbers = _numbers(present)
    if numbers is not None:
        return _number_type(numbers)
    for kind, fits in FITS.items():
        if all(fits(value) for value in present):
            return kind
    return "VARCHAR"


def _numbers(values: Iterable[str]) -> list[Decimal] | None:
    found = []
    for value in values:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return None
        if MISPLACED.search(value) or not (number.is_finite() or value.lower().lstrip("+-") in NOT_FINITE):
            return None
        found.append(number)
    return found


def _number_type(numbers: list[Decimal]) -> str:
    if any(not number.is_finite() or number != number.to_integral_value() for number in numbers):
        return "DOUBLE"
    for kind, fitting in WHOLE.items():
        if fitting.start <= min(numbers) and max(numbers) < fitting.stop:
            return kind
    largest = max(abs(number) for number in numbers)
    return f"DECIMAL({min(math.ceil(largest.log10()) + 1, 38)}, 0)"


def _is(form: str) -> Callable[[str], bool]:
    def fits(value: str) -> bool:
        try:
            datetime.strptime(value, form)  # noqa: DTZ007 - only its form matters
        except ValueError:
            return False
        return True

    return fits


def _is_iso_moment(value: str) -> bool:
    if "T" not in value:
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


FITS: Mapping[str, Callable[[str], bool]] = {
    "DATE": _is("%Y-%m-%d"),
    "TIMESTAMP": lambda value: _is("%Y-%m-%d %H:%M:%S")(value) or _is_iso_moment(value),
    "BOOLEAN": lambda value: value.lower() in ("true", "false"),
}
