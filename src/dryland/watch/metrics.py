"""Puts together how releases went and how good the data is: one answer for people, programs and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from statistics import fmean
from typing import Any

from dryland.state.store import State
from dryland.values import dataclass
from dryland.watch.incident_times import IncidentTimes, incident_times, incident_times_weekly
from dryland.watch.quality_score import Score
from dryland.watch.release_metrics import ReleaseMetrics, release_metrics, weekly
from dryland.watch.score_trend import means_at

RUNS_SEEN = 1_000  # as many as are kept


@dataclass(frozen=True, slots=True)
class Metrics:
    """The measures of one environment."""

    environment: str
    whole: ReleaseMetrics
    weeks: tuple[ReleaseMetrics, ...]
    scores: Mapping[str, Score]  # by name, the worst first
    incidents: IncidentTimes
    incident_weeks: tuple[IncidentTimes, ...] = ()
    score_weeks: tuple[int | None, ...] = ()  # at the end of each week; None before anything was remembered

    @property
    def score(self) -> int | None:
        """The mean of all datasets."""
        return round(fmean(each.value for each in self.scores.values())) if self.scores else None

    def as_dict(self) -> dict[str, Any]:
        """As plain data; the keys are stable."""
        return {
            "environment": self.environment,
            "releases": self.whole.as_dict(),
            "weeks": [week.as_dict() for week in self.weeks],
            "incidents": self.incidents.as_dict(),
            "incident_weeks": [week.as_dict() for week in self.incident_weeks],
            "score": self.score,
            "score_weeks": list(self.score_weeks),
            "datasets": {name: asdict(score) for name, score in self.scores.items()},
        }


def metrics_of(
    state: State, environment: str, scores: Mapping[str, Score], *, since: datetime, until: datetime
) -> Metrics:  # fmt: skip
    """Read what is remembered, and measure it."""
    published = state.publications(environment, since=since)
    incidents = state.incidents(environment)
    runs = tuple(run for run in state.runs(limit=RUNS_SEEN) if run.environment == environment)
    weeks = weekly(published, runs, since=since, until=until)
    then = means_at(state.scored(environment, before=until), incidents, [week.until for week in weeks[:-1]])
    found = Metrics(
        environment,
        release_metrics(published, runs, since=since, until=until),
        weeks,
        dict(sorted(scores.items(), key=lambda each: (each[1].value, each[0]))),
        incident_times(incidents, since=since, until=until),
        incident_times_weekly(incidents, since=since, until=until),
    )
    return replace(found, score_weeks=(*then, found.score))
