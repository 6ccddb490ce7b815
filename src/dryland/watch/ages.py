"""Says how old the newest data usually is: at this hour where that is known, or right before more came.

Data that comes each night is two hours old at five in the morning, and a day at midnight. Whoever always asks at five
knows at five that a night is missing. At any other hour nobody knows more than how old data ever gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from dryland.watch.series import Value

NEAR_S = 5_400  # how far times of day may be from the middle of an hour that are compared with it
HOUR_S, DAY_S = 3_600, 86_400
ENOUGH = 14


def ages_by_hour(before: Sequence[Value]) -> Mapping[int, Sequence[Value]]:
    """For each hour of the day of which enough is known, the ages that there were around it."""
    found = {hour: [each for each in before if _is_near(each.at, hour)] for hour in {each.at.hour for each in before}}
    return {hour: values for hour, values in found.items() if len(values) >= ENOUGH}


def ages_when_more_came(before: Sequence[Value]) -> Sequence[Value]:
    """How old data got until newer came; nothing where that was seldom seen."""
    pairs = [(one, later) for one, later in pairwise(before) if _newest(later) > _newest(one)]
    ages = [later._replace(number=(later.at - _newest(one)).total_seconds()) for one, later in pairs]
    return ages if len(ages) >= ENOUGH else ()


def _newest(value: Value) -> datetime:
    return value.at - timedelta(seconds=value.number)


def _is_near(at: datetime, hour: int) -> bool:
    apart = abs(at.hour * HOUR_S + at.minute * 60 + at.second - (hour * HOUR_S + HOUR_S // 2))
    return min(apart, DAY_S - apart) <= NEAR_S
