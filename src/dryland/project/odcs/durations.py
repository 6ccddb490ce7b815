"""Reads the lengths of time in service levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SECONDS: Mapping[str, float] = {
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600,
    "d": 86400, "day": 86400, "w": 604800, "week": 604800, "mo": 2629800, "month": 2629800, "y": 31557600,
    "yr": 31557600, "year": 31557600,
}  # fmt: skip


def duration_s(value: Any, unit: str) -> float | None:
    """A length of time in seconds; None when it is none.

    >>> duration_s(4, "d"), duration_s("90", "minutes"), duration_s("09:00", "")
    (345600.0, 5400.0, None)
    """
    word = unit.strip().lower()
    seconds = SECONDS.get(word) or SECONDS.get(word.removesuffix("s"))
    try:
        return float(value) * seconds if seconds and not isinstance(value, bool) else None
    except (TypeError, ValueError):
        return None
