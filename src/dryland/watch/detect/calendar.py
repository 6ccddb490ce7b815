"""Says what kind of moment it is: hour of the day, day of the week, end or beginning of a month, a holiday."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Literal

from dryland.values import dataclass

Special = Literal["", "holiday", "month end", "month begin"]
Season = Callable[[datetime], int]

HOURS = 24
WEEKEND = 5  # Saturday, as Python counts days of the week
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days on which other numbers are usual; what a team lists, and what every month has."""

    holidays: frozenset[date] = frozenset()

    def special(self, at: datetime) -> Special:
        """What is special about a day, if anything is.

        >>> Calendar().special(datetime(2026, 2, 28)), Calendar().special(datetime(2026, 2, 27))
        ('month end', '')
        """
        if at.date() in self.holidays:
            return "holiday"
        if at.day == 1:
            return "month begin"
        return "month end" if (at + DAY).day == 1 else ""


def day_of_week(at: datetime) -> int:
    """Monday is 0."""
    return at.weekday()


def hour_of_day(at: datetime) -> int:
    """Of every day alike."""
    return at.hour


def hour_of_week_part(at: datetime) -> int:
    """Of working days, and of days at the end of a week."""
    return at.hour + HOURS * (at.weekday() >= WEEKEND)


def hour_of_week(at: datetime) -> int:
    """Of each day of the week apart."""
    return at.hour + HOURS * at.weekday()


SEASONS: Mapping[str, Season] = {
    season.__name__: season for season in (day_of_week, hour_of_day, hour_of_week_part, hour_of_week)
}
"""By name, as they are remembered."""


def seasons_of(gap: timedelta) -> tuple[Season, ...]:
    """The seasons that a history can have whose points are so far apart; the plainest first.

    >>> [season.__name__ for season in seasons_of(timedelta(days=1))]
    ['day_of_week']
    """
    if gap <= timedelta(hours=12):
        return (hour_of_day, day_of_week, hour_of_week_part, hour_of_week)
    return (day_of_week,) if gap < timedelta(days=3) else ()
