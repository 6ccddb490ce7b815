"""Draws the moments of an incident: when bad data came, when they were seen, when readers were safe, when it was over.

The moments stand equally far from each other, for seconds and days may follow each other; what lies between is written.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from dryland.portal.wording import length
from dryland.state.incident_records import Incident, IncidentEvent
from dryland.values import dataclass

STEP, EDGE, MIDDLE = 190, 80, 46
Kind = Literal["arrived", "refused", "seen", "acknowledged", "safe", "resolved", "now"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment; its name in `texts` begins with `moment_`."""

    kind: Kind
    at: datetime
    x: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """What lies between two moments."""

    x: float
    width: float
    told: str  # how long it took
    is_bad: bool  # readers saw bad data

    @property
    def middle(self) -> float:
        """Where its words stand."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Moments and what lies between them, in the order of time."""

    marks: tuple[Mark, ...]
    stretches: tuple[Stretch, ...]
    width: float
    height: float = 88
    middle: float = MIDDLE


def time_line(incident: Incident, events: Iterable[IncidentEvent], now: datetime) -> TimeLine:
    """The picture; moments that are not there yet are left out, and now is the last one while it is open."""
    moments = _moments(incident, events, now)
    marks = tuple(Mark(kind, at, EDGE + place * STEP) for place, (kind, at) in enumerate(moments))
    stretches = tuple(
        Stretch(
            first.x, STEP, length((second.at - first.at).total_seconds()),
            incident.are_readers_hit and (incident.safe_at is None or second.at <= incident.safe_at),
        )
        for first, second in itertools.pairwise(marks)
    )  # fmt: skip
    return TimeLine(marks, stretches, 2 * EDGE + max(len(marks) - 1, 0) * STEP)


def _moments(incident: Incident, events: Iterable[IncidentEvent], now: datetime) -> Sequence[tuple[Kind, datetime]]:
    found: list[tuple[Kind, datetime]] = [("arrived", incident.arrived_at), ("seen", incident.seen_at)]
    if incident.track == "release":  # nothing arrived: it was seen when somebody tried
        found = [("refused", incident.seen_at)]
    taken = next((each.at for each in events if each.kind == "acknowledged"), None)
    if taken is not None:
        found.append(("acknowledged", taken))
    if incident.are_readers_hit and incident.safe_at is not None:
        found.append(("safe", incident.safe_at))
    last: tuple[Kind, datetime] = ("resolved", incident.resolved_at) if incident.resolved_at else ("now", now)
    return sorted([*found, last], key=lambda each: each[1])
