"""Finds models that should have been built again by now: by how long that took before, or by what a team has said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from dryland.project.monitors import Monitors
from dryland.project.project import Project
from dryland.state.observed import Observation
from dryland.state.store import State
from dryland.watch.finding import Finding
from dryland.watch.judge import Judged, judged_value
from dryland.watch.monitor_findings import finding_of, remembered
from dryland.watch.series import Value, newest_of
from dryland.watch.usual import HISTORY, HISTORY_MAX, usual_between_builds
from dryland.watch.watched import monitors_of


def overdue(
    state: State, project: Project, environment: str, models: Sequence[str], *, at: datetime
) -> tuple[Finding, ...]:
    """Models whose last build is longer ago than is usual; one whose column tells its age is left to that."""
    found = []
    moments = state.moments(environment, models, since=at - HISTORY)
    for dataset, (last,) in state.observations(environment, moments, since=at - HISTORY, newest=1).items():
        judged = age_of_build(last, moments[dataset][-HISTORY_MAX:], monitors_of(project, dataset), at)
        if judged is not None and judged.state == "alert":
            found.append((last, judged))
    remembered(state, environment, [judged for _, judged in found], project)
    return tuple(finding_of(observation, judged, project) for observation, judged in found)


def age_of_build(last: Observation, moments: Sequence[datetime], monitors: Monitors, at: datetime) -> Judged | None:
    """How long ago the last build is, beside how long it was until the next one before; `moments` is of all builds."""
    rule = monitors.rule("freshness")
    if rule.is_on is False or monitors.is_on is False or newest_of(last.body, monitors) is not None:
        return None
    gaps = [Value(later, (later - earlier).total_seconds(), last) for earlier, later in pairwise(moments)]
    now = Value(at, (at - last.at).total_seconds(), last)
    usual = usual_between_builds(gaps, monitors, at) if gaps else None
    return judged_value("freshness", usual, [now], monitors, {})
