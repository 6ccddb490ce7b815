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
    return [each for each in judged_again(history, monitors, since=since, flags=flags) if each.state == "alert"]


def judged_again(
    history: Sequence[Observation], monitors: Monitors, *, since: datetime | None = None, flags: Flags | None = None
) -> Iterator[Judged]:
    """What each monitor said of each observation since a moment, by what came before it."""
    if monitors.is_on is False:
        return
    said = dict(flags or {})
    learned: Habits | None = None
    for number, observation in enumerate(history):
        if number == 0 or (since is not None and observation.at < since):
            continue
        moment, before, came = parted(history[: number + 1])
        if learned is None or learned.as_of != moment:
            learned = habits_of(before, monitors, said, moment)
        for each in judged_by(learned, came, monitors, said):
            if each.state == "alert":
                said.setdefault((each.monitor, each.at), "told")
            yield each
