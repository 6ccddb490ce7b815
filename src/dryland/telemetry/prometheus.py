"""Tells Prometheus how datasets, runs and releases stand, from what is remembered alone. Needs the extra `telemetry`.

Read when somebody asks: a scrape opens no warehouse and parses no file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from dryland.errors import ConfigError
from dryland.state.store import State

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

RUNS_SEEN = 100


def exposition(state: State, *, now: datetime) -> str:
    """Everything in Prometheus' text form.

    Raises:
        ConfigError: prometheus-client is not installed.
    """
    if find_spec("prometheus_client") is None:
        raise ConfigError("prometheus-client is not installed.", hint='pip install "dryland[telemetry]"')
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected([*_datasets(state, now), *_runs(state)]))
    return generate_latest(registry).decode()


class _Collected:
    """Families that are made already, as the library asks for them."""

    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each family once."""
        yield from self._families


def _datasets(state: State, now: datetime) -> Iterator[GaugeMetricFamily]:
    """What readers of every environment see: rows, age, and whether it is stale; and which release that is."""
    from prometheus_client.core import GaugeMetricFamily

    by = ["environment", "dataset"]
    rows = GaugeMetricFamily("dryland_dataset_rows", "Rows that readers see.", labels=by)
    age = GaugeMetricFamily("dryland_dataset_age_seconds", "Since what readers see was built.", labels=by)
    stale = GaugeMetricFamily("dryland_dataset_stale", "1 where the last refresh was kept from readers.", labels=by)
    live = GaugeMetricFamily("dryland_release", "Number of the release that is live.", labels=["environment"])
    for environment in state.environments().values():
        if environment.live_release is None or environment.purpose:
            continue
        live.add_metric([environment.name], environment.live_release)
        pointers = state.pointers(environment.live_release)
        keys = {pointer.build_key for pointer in pointers.values()}
        builds, profiles = state.builds(keys), state.profiles(keys)
        for node, pointer in sorted(pointers.items()):
            labels = [environment.name, node]
            stale.add_metric(labels, float(bool(pointer.stale_since)))
            build, profile = builds.get(pointer.build_key), profiles.get(pointer.build_key)
            if build and build.created_at:
                age.add_metric(labels, (now - build.created_at).total_seconds())
            if profile:
                rows.add_metric(labels, profile.rows)
    yield from (live, rows, age, stale)


def _runs(state: State) -> Iterator[GaugeMetricFamily]:
    """How the last run of each verb on each environment ended, and how long it took."""
    from prometheus_client.core import GaugeMetricFamily

    by = ["environment", "verb"]
    good = GaugeMetricFamily("dryland_last_run_success", "1 where the last run ended well.", labels=by)
    took = GaugeMetricFamily("dryland_last_run_duration_seconds", "How long the last run took.", labels=by)
    ended = GaugeMetricFamily("dryland_last_run_end_timestamp_seconds", "When the last run ended.", labels=by)
    seen = set()
    for run in state.runs(limit=RUNS_SEEN):
        labels = [run.environment, run.verb]
        if run.finished_at is None or tuple(labels) in seen:
            continue
        seen.add(tuple(labels))
        good.add_metric(labels, float(run.status == "done"))
        took.add_metric(labels, (run.finished_at - run.started_at).total_seconds())
        ended.add_metric(labels, run.finished_at.replace(tzinfo=UTC).timestamp())
    yield from (good, took, ended)
