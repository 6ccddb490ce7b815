"""Does arithmetic that one wild value does not spoil: medians, quantiles, slopes."""

from __future__ import annotations

import math
from collections.abc import Sequence

GAUSSIAN = 1.4826  # a median of absolute deviations, times this, is the standard deviation of a normal distribution


def median(values: Sequence[float]) -> float:
    """The middle value.

    >>> median([3, 1, 2]), median([1, 2])
    (2, 1.5)
    """
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which that share of them lies, of values in order; never one that only the largest reaches."""
    return ordered[int(share * (len(ordered) - 1))]


def spread(errors: Sequence[float]) -> float:
    """How far values lie from zero as a rule, as a standard deviation; up to half of them may be wild."""
    return GAUSSIAN * median([abs(each) for each in errors])


def slope(days: Sequence[float], values: Sequence[float]) -> float:
    """The change per day: the median over pairs that are half a history apart (H. Theil's incomplete method, 1950).

    The distance is whole weeks where it can be, so that a Sunday is compared with a Sunday.

    >>> slope([0, 1, 2, 3, 4, 5], [5, 7, 9, 90, 13, 15])
    2.0
    """
    half = len(values) // 2
    apart = half - half % 7 if half >= 7 else half
    pairs = [
        (values[at + apart] - values[at]) / (days[at + apart] - days[at])
        for at in range(len(values) - apart)
        if days[at + apart] > days[at]
    ]
    return median(pairs) if apart and pairs else 0.0


def to_log(value: float) -> float:
    """Where what counts is by which factor numbers differ; zero and what is below have their places.

    >>> to_log(0.0), round(from_log(to_log(-7.0)), 9)
    (0.0, -7.0)
    """
    return math.copysign(math.log1p(abs(value)), value)


def from_log(value: float) -> float:
    """The inverse of `to_log`; what no float can hold is infinite."""
    return math.copysign(math.expm1(abs(value)), value) if abs(value) < 700 else math.copysign(math.inf, value)
