"""Takes the numbers that monitors look at out of observations: one series for each monitor of a dataset."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dryland.project.monitors import Monitors
from dryland.state.observed import Observation
from dryland.watch.detect.distances import jensen_shannon_of, psi_of_quantiles, usual_quantiles, usual_shares

UNIQUE = "unique"  # the kind of monitor that columns have which name rows, instead of `distinct`
GROWING = 0.9  # of the steps of a table that only ever grows
GROWING_STEPS = 5
LONG = 1.5  # a distance in time, against the usual one, in which an observation is missing
BEFORE = 14  # observations that a distribution is compared with
KEY_LIKE = 0.9  # a share of different values above which a column names rows: estimates are some percent off
KEY_MOSTLY = 0.8  # of its observations


@dataclass(frozen=True, slots=True)
class Value:
    """A number of an observation."""

    at: datetime
    number: float
    observation: Observation
    is_of_gap: bool = False  # of more than one usual distance in time, as a mean over it


Series = dict[str, list[Value]]
"""Monitor -> its values, oldest first: `volume`, `nulls:email`, `metric:revenue`."""


def series_of(history: Sequence[Observation], monitors: Monitors) -> Series:
    """The series of one dataset, oldest observation first."""
    found: Series = {}
    for observation in history:
        for name, number in _numbers(observation, monitors):
            found.setdefault(name, []).append(Value(observation.at, number, observation))
    for name in [each for each in found if each.startswith("distinct:")]:
        if (shares := _shares_of_rows(found[name])) is not None:
            found[name.replace("distinct", UNIQUE, 1)] = shares
            del found[name]
    for name, compared in (("quantiles", _quantiles), ("categories", _categories)):
        if _is_watched(monitors, name):
            found |= {f"{name}:{column}": values for column, values in compared(history).items()}
    return {name: values for name, values in found.items() if _is_wanted(name, monitors)}


def growth_of(values: Sequence[Value]) -> list[Value] | None:
    """By how much a table that only grows did so, per usual distance in time; None for one that does not.

    Of a hundred million rows nobody sees that a day's are missing; of what a day brought one does.
    """
    steps = [(later.number - earlier.number) for earlier, later in itertools.pairwise(values)]
    if len(steps) < GROWING_STEPS:
        return None
    before = steps[:-1]
    if sum(each >= 0 for each in before) < len(before) * GROWING or sum(each > 0 for each in before) < len(before) / 2:
        return None
    if _net(values) < 0.8 * sum(abs(each) for each in before):  # it goes up and down
        return None
    gaps = [(later.at - earlier.at).total_seconds() for earlier, later in itertools.pairwise(values)]
    usual = sorted(gaps)[len(gaps) // 2] or 1.0
    return [
        Value(value.at, step * min(usual / gap, 1.0) if gap > 0 else step, value.observation, gap > LONG * usual)
        for value, step, gap in zip(values[1:], steps, gaps, strict=True)
    ]


def _shares_of_rows(values: Sequence[Value]) -> list[Value] | None:
    """Of a column that names rows, how many of these have a value of their own; None for any other.

    As a number it would say again what the number of rows says.
    """
    shares = [value.number / float(value.observation.body["rows"]) for value in values]  # type: ignore[arg-type]
    before = shares[:-1] or shares
    if sum(share >= KEY_LIKE for share in before) < KEY_MOSTLY * len(before):
        return None
    return [replace(value, number=min(share, 1.0)) for value, share in zip(values, shares, strict=True)]


def _net(values: Sequence[Value]) -> float:
    return values[-2].number - values[0].number


def _numbers(observation: Observation, monitors: Monitors) -> Iterator[tuple[str, float]]:
    body: Mapping[str, Any] = observation.body
    rows = body.get("rows")
    if rows is not None:
        yield "volume", float(rows)
    if body.get("duration_s") is not None:
        yield "duration", float(body["duration_s"])
    if (newest := newest_of(body, monitors)) is not None:
        yield "freshness", (observation.at - newest).total_seconds()
    for column, said in (body.get("columns") or {}).items():
        yield from _of_column(column, said, rows)
    for column, counts in (body.get("segments") or {}).items():
        yield from ((f"volume:{column}={value}", float(count)) for value, count in counts.items())
    for name, number in (body.get("metrics") or {}).items():
        if number is not None:
            yield f"metric:{name}", float(number)


def _of_column(column: str, said: Mapping[str, Any], rows: float | None) -> Iterator[tuple[str, float]]:
    if not rows:
        return
    if said.get("nulls") is not None:
        yield f"nulls:{column}", float(said["nulls"])
    distinct = said.get("distinct")
    if distinct is not None:
        yield f"distinct:{column}", float(distinct)
    mean = _number(said.get("mean"))
    if mean is not None and (distinct is None or float(distinct) < KEY_LIKE * rows):
        yield f"mean:{column}", mean


def newest_of(body: Mapping[str, Any], monitors: Monitors) -> datetime | None:
    """When the newest data came, as a source says it or the column that is named for that; naive, in UTC."""
    text = body.get("newest")
    if text is None and (column := monitors.rule("freshness").column):
        columns = {name.lower(): said for name, said in (body.get("columns") or {}).items()}
        text = (columns.get(column.lower()) or {}).get("max")
    try:
        found = datetime.fromisoformat(str(text)) if text is not None else None
    except ValueError:
        return None
    return found.astimezone(UTC).replace(tzinfo=None) if found and found.tzinfo else found


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) < float("inf") else None


def _quantiles(history: Sequence[Observation]) -> Series:
    return _compared(history, "quantiles", lambda before, now: psi_of_quantiles(usual_quantiles(before), now))


def _categories(history: Sequence[Observation]) -> Series:
    return _compared(history, "shares", lambda before, now: jensen_shannon_of(usual_shares(before), now))


def _compared(history: Sequence[Observation], key: str, distance: Any) -> Series:
    """How far each distribution of a column is from those before it."""
    found: Series = {}
    before: dict[str, list[Any]] = {}
    for observation in history:
        columns: Mapping[str, Any] = observation.body.get("columns") or {}  # type: ignore[assignment]
        for column, said in columns.items():
            now = said.get(key)
            if not now:
                continue
            known = before.setdefault(column, [])
            if known:
                found.setdefault(column, []).append(Value(observation.at, distance(known, now), observation))
            known.append(now)
            del known[:-BEFORE]
    return found


def _is_watched(monitors: Monitors, kind: str) -> bool:
    return monitors.rule(kind).is_on is not False


def _is_wanted(name: str, monitors: Monitors) -> bool:
    kind, _, what = name.partition(":")
    rule = monitors.rule("distinct" if kind == UNIQUE else kind)
    if kind == "metric":
        return any(metric.name == what and metric.rule.is_on is not False for metric in monitors.metrics)
    if rule.is_on is False or (kind == "volume" and what and what.partition("=")[0] not in rule.segments):
        return False
    return rule.columns is None or not what or what.lower() in {each.lower() for each in rule.columns}
