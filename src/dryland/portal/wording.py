"""Puts numbers, moments and lengths of time into words, the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

MINUTE, HOUR, DAY = 60, 3600, 86400


def plainly(value: object) -> str:
    """What YAML holds, as people would write it.

    >>> plainly(["crm", "support"]), plainly(True), plainly({"a": 1})
    ('crm, support', 'yes', 'a: 1')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(plainly, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {plainly(each)}" for key, each in value.items())
    return str(value)


def number(value: float | None) -> str:
    """A number with separators; a dash where there is none.

    >>> number(1234567), number(None), number(0.25)
    ('1,234,567', '–', '0.25')
    """
    return "–" if value is None else f"{value:,}"


def percent(share: float | None) -> str:
    """A share in percent: what is little is not said to be nothing, nor what is nearly all to be all.

    >>> percent(0.5), percent(0.0004), percent(0.9996), percent(None), percent(1.0)
    ('50 %', '<1 %', '>99 %', '–', '100 %')
    """
    if share is None:
        return "–"
    if 0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"


def length(seconds: float | None) -> str:
    """A length of time in the units that people think in.

    >>> length(0.0312), length(4.5), length(75), length(7260), length(200000), length(None)
    ('31 ms', '4.5 s', '1 min 15 s', '2 h 1 min', '2 d 7 h', '–')
    """
    if seconds is None:
        return "–"
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    for unit, name, smaller, small in ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "min"), (MINUTE, "min", 1, "s")):
        if seconds >= unit:
            rest = int(seconds % unit // smaller)
            return f"{int(seconds // unit)} {name}" + (f" {rest} {small}" if rest else "")
    raise AssertionError(seconds)


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago it was, in one unit.

    >>> ago(datetime(2026, 1, 1, 10), datetime(2026, 1, 1, 12, 30)), ago(None, datetime(2026, 1, 1))
    ('2 h ago', '–')
    """
    if moment is None:
        return "–"
    seconds = (plain(now) - plain(moment)).total_seconds()
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= unit:
            return f"{int(seconds // unit)} {name} ago"
    return "just now"


def moment_of(value: datetime | str | None) -> str:
    """A moment to the second, in UTC.

    >>> moment_of("2026-01-02T03:04:05.678"), moment_of(None)
    ('2026-01-02 03:04:05', '–')
    """
    if not value:
        return "–"
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return plain(found).isoformat(" ", "seconds")


def plain(moment: datetime) -> datetime:
    """The same moment as metadata keep it: in UTC, and without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
