"""Gives templates the parts of Python's modules that dbt gives them; the time is that of the run."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, Self

import pytz

from dryland.project.jinja.clock import NOW
from dryland.project.jinja.state import current


class Datetime(datetime.datetime):
    """`modules.datetime.datetime`: now is when the run started, but where time goes on."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Self:
        """The moment of this rendering, in a time zone or in local time."""
        return cls.fromtimestamp(_asked().timestamp(), tz)

    @classmethod
    def today(cls) -> Self:
        """As `now`, in local time."""
        return cls.now()

    @classmethod
    def utcnow(cls) -> Self:
        """As `now`, in UTC without saying so."""
        return cls.now(datetime.UTC).replace(tzinfo=None)


class Date(datetime.date):
    """`modules.datetime.date`: today is when the run started."""

    @classmethod
    def today(cls) -> Self:
        """The day of this rendering, in local time."""
        return cls.fromtimestamp(_asked().timestamp())


def _asked() -> datetime.datetime:
    state = current()
    state.asked.add(NOW)
    return datetime.datetime.now(datetime.UTC) if state.time_goes_on else state.clock.moment


def _only(module: Any, names: Iterable[str]) -> SimpleNamespace:
    """Some names of a module: modules themselves lead to `sys`, and from there to everything."""
    return SimpleNamespace(**{name: getattr(module, name) for name in names if hasattr(module, name)})


MODULES = SimpleNamespace(
    datetime=SimpleNamespace(
        date=Date, datetime=Datetime, **vars(_only(datetime, "time timedelta tzinfo timezone".split()))
    ),
    pytz=_only(
        pytz,
        """
        timezone utc UTC FixedOffset BaseTzInfo country_timezones country_names all_timezones all_timezones_set
        common_timezones common_timezones_set AmbiguousTimeError InvalidTimeError NonExistentTimeError
        UnknownTimeZoneError
        """.split(),
    ),
    re=_only(re, re.__all__),
    itertools=_only(
        itertools,
        """
        accumulate chain combinations combinations_with_replacement compress count cycle dropwhile filterfalse
        groupby islice pairwise permutations product repeat starmap takewhile tee zip_longest
        """.split(),
    ),
)
