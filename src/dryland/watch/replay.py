"""Plays a history again, observation by observation, and says what monitors would have told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from dryland.project.monitors import Monitors
from dryland.state.observed import Observation
from dryland.watch.judge import Judged, judged_by
from dryland.watch.usual import Flags, Habits, habits_of, parted


def replayed(
    history: Sequence[Observation], monitors: Monitors, *, since: datetime | None = None, flags: Flags | None = None
) -> list[Judged]:
    """The alerts that one dataset's history would have given since a moment, in the order of time.

    What it tells of is left out of what is usual from then on, as it is when monitors are on; `flags` are what people
    said of single values.
    """
    if not history or monitors.is_on is False:
        return []
    said = dict(flags or {})
    told: list[Judged] = []
    first = next((number for number, each in enumerate(history) if since is None or each.at >= since), len(history))
    for each in _judged_from(history, max(first, 1), monitors, said):
        if each.state == "alert":
            told.append(each)
            said.setdefault((each.monitor, each.at), "told")
    return told


def judged_lately(
    history: Sequence[Observation], monitors: Monitors, flags: Flags, name: str, *, count: int
) -> list[Judged]:  # fmt: skip
    """What one monitor said of each of the last so many observations, by what came before it; oldest first."""
    first = max(len(history) - count, 1)
    return [each for each in _judged_from(history, first, monitors, flags) if each.monitor == name]


def _judged_from(
    history: Sequence[Observation], first: int, monitors: Monitors, flags: Flags
) -> Iterator[Judged]:  # fmt: skip
    """What all monitors say of each observation from that number on; flags may grow meanwhile."""
    learned: Habits | None = None
    for number in range(first, len(history)):
        moment, before, came = parted(history[: number + 1])
        if learned is None or learned.as_of != moment:
            learned = habits_of(before, monitors, flags, moment)
        yield from judged_by(learned, came, monitors, flags)
