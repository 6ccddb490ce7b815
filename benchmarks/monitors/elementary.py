"""Judges as Elementary's documentation says that it does: a z-score against the training period.

A value is an anomaly when it is further from the mean of the training period than `anomaly_sensitivity` (3) standard
deviations of it. The training period is the 14 days before; with `seasonality: day_of_week` it is the same days of the
week of 14 weeks. Fewer than 7 values are not enough. `freshness_anomalies` looks for spikes only. Schema changes are a
comparison with the columns before. Written from that description; none of its code is here.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

SENSITIVITY, TRAINING, ENOUGH, WEEKS = 3.0, timedelta(days=14), 7, 14


def anomalies(at: Sequence[datetime], bodies: Sequence[dict[str, Any]], number: int, *, weekly: bool) -> set[str]:
    """The tests that fail on one observation: `volume`, `freshness`, `null_percent`, `average`, `schema`."""
    now = at[number]
    earlier = [each for each in range(number) if _is_in_training(at[each], now, weekly=weekly)]
    training, last = [bodies[each] for each in earlier], bodies[number]
    found = set()
    if _is_anomaly([each["rows"] for each in training], last["rows"]):
        found.add("volume")
    ages = [_age(at[each], bodies[each]) for each in earlier]
    if _is_anomaly(ages, _age(now, last), only_high=True):
        found.add("freshness")
    for column, said in last["columns"].items():
        of = [each["columns"][column] for each in training if column in each["columns"]]
        if _is_anomaly([each["nulls"] for each in of], said["nulls"]):
            found.add(f"null_percent:{column}")
        if "mean" in said and _is_anomaly([each["mean"] for each in of if "mean" in each], said["mean"]):
            found.add(f"average:{column}")
    before = next((bodies[each] for each in range(number - 1, -1, -1) if bodies[each]["columns"]), None)
    if before and last["columns"] and _types(before) != _types(last):
        found.add("schema")
    return found


def grown(history_at: Sequence[datetime], bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with the rows of each day, as its `timestamp_column` counts them where rows stay."""
    counts = [bodies[0]["rows"], *(later["rows"] - one["rows"] for one, later in itertools.pairwise(bodies))]
    days = [1.0, *((later - one) / timedelta(days=1) for one, later in itertools.pairwise(history_at))]
    return [
        {**body, "rows": count / max(round(gap), 1)} for body, count, gap in zip(bodies, counts, days, strict=True)
    ][0:]


def _is_in_training(at: datetime, now: datetime, *, weekly: bool) -> bool:
    if weekly:
        return at.weekday() == now.weekday() and now - at <= timedelta(weeks=WEEKS, hours=12)
    return now - at <= TRAINING + timedelta(hours=12)


def _is_anomaly(training: Sequence[float], value: float, *, only_high: bool = False) -> bool:
    if len(training) < ENOUGH:
        return False
    deviation = statistics.stdev(training)
    if deviation == 0:
        return False
    score = (value - statistics.fmean(training)) / deviation
    return score > SENSITIVITY if only_high else abs(score) > SENSITIVITY


def _age(at: datetime, body: dict[str, Any]) -> float:
    return (at - datetime.fromisoformat(body["newest"])).total_seconds()


def _types(body: dict[str, Any]) -> dict[str, str]:
    return {name: said["type"] for name, said in body["columns"].items()}
