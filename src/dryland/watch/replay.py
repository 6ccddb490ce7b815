"""Plays a history again, observation by observation, and says what monitors would have told of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dryland.project.monitors import Monitors
from dryland.state.observed import Observation
from dryland.watch.judge import Flags, Judged, judged, judged_value
from dryland.watch.schema_change import schema_changes
from dryland.watch.series import series_of


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
    for name, values in series_of(history, monitors).items():
        for number, value in enumerate(values):
            if number == 0 or (since is not None and value.at < since):
                continue
            judgement = judged_value(name, values[: number + 1], monitors, said)
            if judgement.state == "alert":
                told.append(judgement)
                said.setdefault((name, value.at), "told")
    for number in range(1, len(history)):
        if (since is None or history[number].at >= since) and schema_changes(history[: number + 1]):
            told += [each for each in judged(history[: number + 1], monitors, said) if each.monitor == "schema"]
    return sorted(told, key=lambda each: each.at)
