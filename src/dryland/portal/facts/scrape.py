"""Tells scrapers how an environment stands, from its catalogue; scrapes that come close together get the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.measures import Measures, measures_of
from dryland.portal.visits import Desk
from dryland.telemetry.prometheus import RUNS_SEEN, Numbers, Shown, rendered
from dryland.watch.quality_score import Score

WEEKS = 13
KEPT_S = 5
NAMES = {
    "lead_time": "lead_time_seconds", "releases": "releases_per_week", "taken_back": "change_failure_ratio",
    "time_to_detect": "time_to_detect_seconds", "time_to_restore": "time_to_restore_seconds",
    "readers_safe": "readers_safe_seconds", "quality": "quality_score",
}  # fmt: skip
"""Measure -> what scrapers call it."""


def scrape_of(desk: Desk, catalogue: Catalogue) -> str:
    """In Prometheus' text form.

    Raises:
        ConfigError: prometheus-client is not installed.
    """
    key = ("scrape", int(desk.now.timestamp()) // KEPT_S)
    return catalogue.once(key, lambda: rendered(_numbers(desk, catalogue), now=desk.now))


def _numbers(desk: Desk, catalogue: Catalogue) -> Numbers:
    found = measures_of(desk.state, catalogue, WEEKS, desk.now)
    environment = catalogue.environment
    opened = Counter(each.severity for each in desk.state.incidents(environment, is_open=True))
    incidents = {(environment, severity): opened[severity] for severity in ("error", "warn")}
    return Numbers(
        shown=_shown(catalogue, found.scores),
        live={environment: catalogue.live.id} if catalogue.live else {},
        runs=[run for run in desk.state.runs(limit=RUNS_SEEN) if run.environment == environment],
        incidents=incidents,
        measures=_measures(environment, found),
    )


def _shown(catalogue: Catalogue, scores: Mapping[str, Score]) -> list[Shown]:
    return [
        Shown(
            catalogue.environment, each.unique_id, bool(each.stale_since), each.built_at, each.rows,
            scores[each.unique_id].value if each.unique_id in scores else None, len(each.failing),
        )
        for each in catalogue.datasets.values() if each.parts.pointer
    ]  # fmt: skip


def _measures(environment: str, found: Measures) -> dict[tuple[str, str], float]:
    return {(environment, NAMES[each.target.measure]): each.value for each in found.measures if each.value is not None}
