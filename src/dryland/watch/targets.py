"""Says what a team that releases well reaches: beside these values its own are shown."""

from __future__ import annotations

from typing import Literal

from dryland.values import dataclass
from dryland.watch.metrics import Metrics

Unit = Literal["seconds", "share", "a week", "points"]


@dataclass(frozen=True, slots=True)
class Target:
    """One measure, and what it should be."""

    measure: str
    unit: Unit
    value: float
    is_most: bool = True  # less is better; otherwise more is

    def is_reached(self, value: float | None) -> bool | None:
        """Whether it is; None where nothing tells."""
        return None if value is None else value <= self.value if self.is_most else value >= self.value


TARGETS = (
    Target("lead_time", "seconds", 86_400),
    Target("releases", "a week", 1, is_most=False),
    Target("taken_back", "share", 0.05),
    Target("time_to_detect", "seconds", 60),
    Target("time_to_restore", "seconds", 3_600),
    Target("readers_safe", "seconds", 3_600),
    Target("quality", "points", 90, is_most=False),
)
"""In the order in which they are told. The first three and restoring are what DORA's surveys call the best teams'."""


def values_of(metrics: Metrics) -> dict[str, float | None]:
    """The measures of the whole time, by their names."""
    whole, incidents = metrics.whole, metrics.incidents
    return {
        "lead_time": whole.lead_time_s, "releases": whole.releases_per_week, "taken_back": whole.change_failure_rate,
        "time_to_detect": incidents.detect_s, "time_to_restore": whole.time_to_restore_s,
        "readers_safe": incidents.readers_safe_s, "quality": metrics.score,
    }  # fmt: skip


def weekly_values_of(metrics: Metrics) -> dict[str, tuple[float | None, ...]]:
    """The same week by week, oldest first; of quality, how it was at their ends."""
    weeks, incidents = metrics.weeks, metrics.incident_weeks
    return {
        "lead_time": tuple(week.lead_time_s for week in weeks),
        "releases": tuple(week.releases for week in weeks),
        "taken_back": tuple(week.change_failure_rate for week in weeks),
        "time_to_detect": tuple(week.detect_s for week in incidents),
        "time_to_restore": tuple(week.time_to_restore_s for week in weeks),
        "readers_safe": tuple(week.readers_safe_s for week in incidents),
        "quality": metrics.score_weeks,
    }
