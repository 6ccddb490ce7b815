"""Times how long monitors need after a run that refreshed hundreds of datasets, each with months of hourly history."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from dryland.project.nodes import Source
from dryland.project.project import Project, Settings, Warehouse
from dryland.state.observed import Observation
from dryland.state.store import State, open_state
from dryland.watch.monitor_findings import findings

START = datetime.fromisoformat("2026-01-05T00:30")
HOUR = timedelta(hours=1)
CHUNK = 20_000


@dataclass(frozen=True)
class Speed:
    """Of one set-up."""

    datasets: int
    days: int
    series: int
    first_s: float  # nothing is learned yet
    runs_s: tuple[float, ...]  # of a day and a half, hour by hour
    processor_s: float  # of the middle one of these

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "datasets": self.datasets, "days_of_hours": self.days, "series": self.series,
            "first_s": round(self.first_s, 3), "median_s": round(median(self.runs_s), 3),
            "longest_s": round(max(self.runs_s), 3), "processor_s": round(self.processor_s, 3),
            "runs": len(self.runs_s),
        }  # fmt: skip


def timed(*, datasets: int = 500, days: int = 60, runs: int = 36) -> Speed:
    """Fill a store, and judge run after run."""
    with tempfile.TemporaryDirectory() as place:
        state = open_state(Path(place) / "state.db")
        try:
            return _timed(state, Path(place), datasets, days, runs)
        finally:
            state.close()


def _timed(state: State, place: Path, datasets: int, days: int, runs: int) -> Speed:
    random_ = random.Random(4)
    names = [f"model.shop.d{number:04}" for number in range(datasets)]
    levels = {name: random_.uniform(1_000, 1_000_000) for name in names}
    chunk: list[Observation] = []
    for each in _history(random_, levels, days):
        chunk.append(each)
        if len(chunk) == CHUNK:
            state.put_observations(chunk)
            chunk = []
    state.put_observations(chunk)
    project = Project("shop", place, Warehouse("duckdb", "w", "main"), {}, dict[str, Source](), {}, settings=Settings())
    took, worked = [], []
    for number in range(runs + 1):
        at = START + timedelta(days=days) + number * HOUR
        seen = [Observation("prod", name, at, _body(random_, levels[name], at)) for name in names]
        state.put_observations(seen)
        began, at_work = time.perf_counter(), time.process_time()
        findings(state, project, seen)
        took.append(time.perf_counter() - began)
        worked.append(time.process_time() - at_work)
    series = datasets * (2 + 3 * COLUMNS)
    return Speed(datasets, days, series, took[0], tuple(took[1:]), median(worked[1:]))


COLUMNS = 6


def _history(random_: random.Random, levels: dict[str, float], days: int) -> Iterator[Observation]:
    for hour in range(24 * days):
        at = START + hour * HOUR
        for name, level in levels.items():
            yield Observation("prod", name, at, _body(random_, level, at))


def _body(random_: random.Random, level: float, at: datetime) -> dict[str, Any]:
    rows = round(level * (1.5 if 8 <= at.hour < 20 else 1.0) * (1 + random_.gauss(0, 0.03)))
    columns = {
        f"c{number}": {"type": "BIGINT", "nulls": 0.01, "distinct": 40 + number, "mean": random_.gauss(50, 0.5),
                       "min": 0, "max": 100}
        for number in range(COLUMNS)
    }  # fmt: skip
    return {"rows": rows, "columns": columns, "duration_s": round(40 + random_.random(), 3), "verb": "run"}
