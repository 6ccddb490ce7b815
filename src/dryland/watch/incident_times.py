"""Computes how soon what went wrong was seen, how long readers saw it, and how soon it was over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from dryland.state.incident_records import Incident
from dryland.values import dataclass

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class IncidentTimes:
    """The middle of all incidents that were seen in a stretch of time; None where there is none that tells."""

    since: datetime | None = None  # None: from the first on
    until: datetime | None = None
    incidents: int = 0
    still_open: int = 0
    readers_hit: int = 0  # of which readers saw something
    detect_s: float | None = None  # from when bad data arrived to when they were seen
    restore_s: float | None = None  # from when it was seen to when it was over
    readers_safe_s: float | None = None  # from when bad data arrived to when no reader saw them any more

    def as_dict(self) -> dict[str, Any]:
        """As plain data; the keys are stable."""
        moments = {name: at.isoformat() if at else None for name, at in (("since", self.since), ("until", self.until))}
        return {**asdict(self), **moments}


def incident_times(
    incidents: Iterable[Incident], *, since: datetime | None = None, until: datetime | None = None
) -> IncidentTimes:
    """Counts and medians of the incidents that were first seen within these moments.

    One that was found to be part of another is not counted beside it. Where the gate kept bad data from readers they
    were safe at once, which says nothing of how fast anybody is: only what readers saw counts for `readers_safe_s`.
    """
    seen = [each for each in incidents if each.merged_into is None and _is_within(each.seen_at, since, until)]
    hit = [each for each in seen if each.are_readers_hit]
    return IncidentTimes(
        since, until, len(seen), sum(each.is_open for each in seen), len(hit),
        _middle([each.detect_s for each in seen]),
        _middle([each.resolve_s for each in seen]),
        _middle([each.hit_s for each in hit]),
    )  # fmt: skip


def incident_times_weekly(
    incidents: Sequence[Incident], *, since: datetime, until: datetime
) -> tuple[IncidentTimes, ...]:
    """The same week by week, oldest first; the last one ends with `until`."""
    begins, begin = [], until
    while begin > since:
        begin -= WEEK
        begins.append(begin)
    return tuple(
        incident_times(incidents, since=max(begin, since), until=begin + WEEK) for begin in reversed(begins)
    )  # fmt: skip


def _is_within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)


def _middle(values: Iterable[float | None]) -> float | None:
    found = [each for each in values if each is not None]
    return median(found) if found else None
