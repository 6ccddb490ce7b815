"""Says how old the newest data usually is: at this hour where that is known, or right before more came.

Data that comes each night is two hours old at five in the morning, and a day at midnight. Whoever always asks at five
knows at five that a night is missing. At any other hour nobody knows more than how old data ever gets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from dryland.watch.series import Value

SAME_HOUR_S = 3_600  # how far apart times of day may be that are compared
DAY_S = 86_400
ENOUGH = 14


def usual_ages(before: Sequence[Value], last: Value) -> Sequence[Value]:
    """The ages that an age of now is compared with."""
    same = [each for each in before if _is_same_hour(each.at, last.at)]
    if len(same) >= ENOUGH:
        return same
    ages = [replace(each, number=(each.at - _newest(earlier)).total_seconds()) for earlier, each in _arrivals(before)]
    return ages if len(ages) >= ENOUGH else ()


def _arrivals(values: Sequence[Value]) -> list[tuple[Value, Value]]:
    """Pairs of which the second is the first that saw newer data."""
    return [(one, later) for one, later in pairwise(values) if _newest(later) > _newest(one)]


def _newest(value: Value) -> datetime:
    return value.at - timedelta(seconds=value.number)


def _is_same_hour(one: datetime, other: datetime) -> bool:
    apart = abs(_second_of_day(one) - _second_of_day(other))
    return min(apart, DAY_S - apart) <= SAME_HOUR_S


def _second_of_day(at: datetime) -> int:
    return at.hour * 3_600 + at.minute * 60 + at.second
