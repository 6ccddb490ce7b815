"""Tells Prometheus how datasets, runs and releases stand, from what is remembered alone. Needs the extra `telemetry`.

Read when somebody asks: a scrape opens no warehouse and parses no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from dryland.errors import ConfigError
from dryland.state.records import Run
from dryland.state.store import State
from dryland.values import dataclass

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

RUNS_SEEN = 100
MEASURES = {
    "lead_time_seconds": "From the first commit to readers, the middle of 90 days.",
    "releases_per_week": "Releases of code, the mean of 90 days.",
    "change_failure_ratio": "Share of releases of 90 days that a rollback followed.",
    "time_to_detect_seconds": "From when bad data arrived to when they were seen, the middle of 90 days.",
    "time_to_restore_seconds": "From a bad release to its rollback, the middle of 90 days.",
    "readers_safe_seconds": "From when bad data arrived to when no reader saw them, the middle of 90 days.",
    "quality_score": "Mean quality of all datasets, of 100.",
}
"""Name -> what it is."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What readers of an environment see of a dataset."""

    environment: str
    dataset: str  # unique id
    is_stale: bool = False
    built_at: datetime | None = None
    rows: int | None = None
    score: int | None = None  # of its quality, where that is known
    failing: int | None = None  # checks that say no


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything that is told."""

    shown: Iterable[Shown]
    live: Mapping[str, int]  # by environment the number of the release that is live
    runs: Iterable[Run]
    incidents: Mapping[tuple[str, str], int] = field(default_factory=dict)  # open ones, by environment and severity
    measures: Mapping[tuple[str, str], float] = field(default_factory=dict)  # by environment and name


def exposition(state: State, *, now: datetime) -> str:
    """Everything that the metadata tell, in Prometheus' text form.

    Raises:
        ConfigError: prometheus-client is not installed.
    """
    live = {
        each.name: each.live_release
        for each in state.environments().values() if each.live_release is not None and not each.purpose
    }  # fmt: skip
    shown = (each for name, release in live.items() for each in _shown(state, name, release))
    return rendered(Numbers(shown, live, state.runs(limit=RUNS_SEEN)), now=now)


def rendered(numbers: Numbers, *, now: datetime) -> str:
    """These numbers in Prometheus' text form.

    Raises:
        ConfigError: prometheus-client is not installed.
    """
    if find_spec("prometheus_client") is None:
        raise ConfigError("prometheus-client is not installed.", hint='pip install "dryland[telemetry]"')
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    families = [*_datasets(numbers, now), *_runs(numbers.runs), *_incidents(numbers), *_measures(numbers)]
    registry.register(_Collected([each for each in families if each.samples]))
    return generate_latest(registry).decode()


class _Collected:
    """Families that are made already, as the library asks for them."""

    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each family once."""
        yield from self._families


def _shown(state: State, environment: str, release: int) -> Iterator[Shown]:
    pointers = state.pointers(release)
    keys = {pointer.build_key for pointer in pointers.values()}
    builds, profiles = state.builds(keys), state.profiles(keys)
    for node, pointer in sorted(pointers.items()):
        build, profile = builds.get(pointer.build_key), profiles.get(pointer.build_key)
        yield Shown(
            environment, node, bool(pointer.stale_since), build.created_at if build else None,
            profile.rows if profile else None,
        )  # fmt: skip


def _datasets(numbers: Numbers, now: datetime) -> Iterator[GaugeMetricFamily]:
    """What readers see: rows, age, whether it is stale, how good it is; and which release that is."""
    from prometheus_client.core import GaugeMetricFamily

    by = ["environment", "dataset"]
    rows = GaugeMetricFamily("dryland_dataset_rows", "Rows that readers see.", labels=by)
    age = GaugeMetricFamily("dryland_dataset_age_seconds", "Since what readers see was built.", labels=by)
    stale = GaugeMetricFamily("dryland_dataset_stale", "1 where the last refresh was kept from readers.", labels=by)
    score = GaugeMetricFamily("dryland_dataset_quality", "Quality of what readers see, of 100.", labels=by)
    failing = GaugeMetricFamily("dryland_dataset_failing_checks", "Checks that say no of it.", labels=by)
    live = GaugeMetricFamily("dryland_release", "Number of the release that is live.", labels=["environment"])
    for environment, release in numbers.live.items():
        live.add_metric([environment], release)
    for each in numbers.shown:
        labels = [each.environment, each.dataset]
        stale.add_metric(labels, float(each.is_stale))
        since = (now - each.built_at).total_seconds() if each.built_at else None
        for family, number in ((age, since), (rows, each.rows), (score, each.score), (failing, each.failing)):
            if number is not None:
                family.add_metric(labels, number)
    yield from (live, rows, age, stale, score, failing)


def _runs(runs: Iterable[Run]) -> Iterator[GaugeMetricFamily]:
    """How the last run of each verb on each environment ended, and how long it took."""
    from prometheus_client.core import GaugeMetricFamily

    by = ["environment", "verb"]
    good = GaugeMetricFamily("dryland_last_run_success", "1 where the last run ended well.", labels=by)
    took = GaugeMetricFamily("dryland_last_run_duration_seconds", "How long the last run took.", labels=by)
    ended = GaugeMetricFamily("dryland_last_run_end_timestamp_seconds", "When the last run ended.", labels=by)
    seen = set()
    for run in runs:
        labels = [run.environment, run.verb]
        if run.finished_at is None or tuple(labels) in seen:
            continue
        seen.add(tuple(labels))
        good.add_metric(labels, float(run.status == "done"))
        took.add_metric(labels, (run.finished_at - run.started_at).total_seconds())
        ended.add_metric(labels, run.finished_at.replace(tzinfo=UTC).timestamp())
    yield from (good, took, ended)


def _incidents(numbers: Numbers) -> Iterator[GaugeMetricFamily]:
    from prometheus_client.core import GaugeMetricFamily

    by = ["environment", "severity"]
    opened = GaugeMetricFamily("dryland_open_incidents", "Incidents that are not over.", labels=by)
    for labels, count in numbers.incidents.items():
        opened.add_metric([*labels], count)
    yield opened


def _measures(numbers: Numbers) -> Iterator[GaugeMetricFamily]:
    """How releases went, in the units that `MEASURES` names."""
    from prometheus_client.core import GaugeMetricFamily

    for name, text in MEASURES.items():
        family = GaugeMetricFamily(f"dryland_{name}", text, labels=["environment"])
        for (environment, measure), value in numbers.measures.items():
            if measure == name:
                family.add_metric([environment], value)
        yield family
