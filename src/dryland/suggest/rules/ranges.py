"""Proposes bounds of numbers: their sign, what their name says, or loose round ones."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

from dryland.suggest.proposal import Candidate, Proposal, Sure, by_rows, known, less
from dryland.suggest.subject import ColumnFacts, Subject

NAMED: tuple[tuple[frozenset[str], int, int], ...] = (
    (frozenset({"rate", "share", "ratio", "fraction", "probability", "prob", "confidence"}), 0, 1),
    (frozenset({"pct", "percent", "percentage", "rate", "share"}), 0, 100),
    (frozenset({"lat", "latitude"}), -90, 90),
    (frozenset({"lon", "lng", "longitude"}), -180, 180),
    (frozenset({"month"}), 1, 12),
    (frozenset({"hour"}), 0, 23),
    (frozenset({"minute", "second"}), 0, 59),
    (frozenset({"quarter"}), 1, 4),
    (frozenset({"weekday", "dow"}), 0, 7),
    (frozenset({"year"}), 1900, 2100),
    (frozenset({"age"}), 0, 130),
)
"""Words of names, and the bounds that go with them."""
ROWS_MIN = 1000  # for a bound that nothing but the values speaks for
DIGITS_MAX = 8  # that people read
GROWING = 3  # builds of which each has a greater maximum than the one before


def candidates(subject: Subject) -> Iterator[Candidate]:
    """Of numbers that are no ids; persons' values are not written down, only what their name says."""
    for column in subject.columns:
        low, high = column.low, column.high
        if column.family == "number" and not column.is_id and low is not None and high is not None:
            proposal = _by_name(subject, column, low, high) or _by_values(subject, column, low, high)
            if proposal:
                yield known(proposal)


def _by_name(subject: Subject, column: ColumnFacts, low: Decimal, high: Decimal) -> Proposal | None:
    for words, least, most in NAMED:
        if column.words and column.words[-1] in words and least <= low and high <= most:
            sure: Sure = "sure" if subject.rows >= ROWS_MIN else "likely"
            return _proposal(subject, column, {"min_value": least, "max_value": most}, sure)
    return None


def _by_values(subject: Subject, column: ColumnFacts, low: Decimal, high: Decimal) -> Proposal | None:
    bounds: dict[str, int | float] = {}
    if low >= 0 and high > 0:
        bounds["min_value"] = 0
    if column.is_person or column.is_key_like:
        return _proposal(subject, column, bounds, by_rows(subject.rows)) if bounds else None
    if subject.rows >= ROWS_MIN and not _grows(column) and high > 0:
        bounds["max_value"] = plain(rounded_up(high * 5))
        if low < 0:
            bounds["min_value"] = -plain(rounded_up(-low * 5))
    sure = by_rows(subject.rows)
    return _proposal(subject, column, bounds, less(sure) if "max_value" in bounds else sure) if bounds else None


def _proposal(subject: Subject, column: ColumnFacts, bounds: dict[str, int | float], sure: Sure) -> Proposal:
    found = "" if column.is_person else f"{shown(column.low)} to {shown(column.high)} in "
    ordered: dict[str, Any] = {key: bounds[key] for key in ("min_value", "max_value") if key in bounds}
    return Proposal("accepted_range", column.name, ordered, f"{found}{subject.seen}", sure)


def _grows(column: ColumnFacts) -> bool:
    """Whether the maximum rises from build to build: a bound would only say when."""
    tops = [Decimal(str(each.get("max") or 0)) for each in column.before if not isinstance(each.get("max"), str)]
    tops.append(column.high or Decimal(0))
    return len(tops) >= GROWING and all(one < other for one, other in pairwise(tops))


def rounded_up(value: Decimal) -> Decimal:
    """The next of 1, 2, 5, 10, ...

    >>> [plain(rounded_up(Decimal(value))) for value in ("37", "0.3", "100", "101")]
    [50, 0.5, 100, 200]
    """
    step = Decimal(1).scaleb(value.adjusted())
    return next(each for each in (step, 2 * step, 5 * step, 10 * step) if each >= value)


def plain(value: Decimal) -> int | float:
    """As YAML shows it best."""
    return int(value) if value == value.to_integral_value() else float(value)


def shown(value: Decimal | None) -> str:
    """As people read it.

    >>> shown(Decimal("0.020")), shown(Decimal("1200"))
    ('0.02', '1,200')
    """
    if value is None:
        return "nothing"
    text = f"{value:,f}" if len(value.as_tuple().digits) <= DIGITS_MAX else f"{value:,.{DIGITS_MAX}g}"
    return text.rstrip("0").rstrip(".") if "." in text else text
