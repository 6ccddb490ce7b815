"""Takes the numbers that monitors look at out of observations: one series for each monitor of a dataset."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from dryland.project.monitors import Monitors
from dryland.state.observed import Observation
from dryland.values import dataclass
from dryland.watch.detect.distances import jensen_shannon_of, psi_of_quantiles, usual_quantiles, usual_shares

UNIQUE = "unique"  # the kind of monitor that columns have which name rows, instead of `distinct`
GROWING = 0.9  # of the steps of a table that only ever grows
GROWING_STEPS = 5
LONG = 1.5  # a distance in time, against the usual one, in which an observation is missing
BEFORE = 14  # observations that a distribution is compared with
KEY_LIKE = 0.9  # a share of different values above which a column names rows: estimates are some percent off
KEY_MOSTLY = 0.8  # of its observations


class Value(NamedTuple):
    """A number of an observation; a tuple, for there are very many."""

    at: datetime
    number: float
    observation: Observation
    is_of_gap: bool = False  # of more than one usual distance in time, as a mean over it


Series = dict[str, list[Value]]
"""Monitor -> its values, oldest first: `volume`, `nulls:email`, `metric:revenue`."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a history decides about the observations after it."""

    keys: frozenset[str] = frozenset()  # columns that name rows
    before: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)
    """`quantiles` or `shares` -> column -> the last distributions."""


NOTHING_KNOWN = Known()


def known_of(history: Sequence[Observation], monitors: Monitors) -> Known:
    """What a history decides, oldest observation first."""
    before: dict[str, dict[str, list[Any]]] = {}
    for monitor, key in DISTRIBUTIONS.items():
        if _is_watched(monitors, monitor):
            before[key] = {column: found[-BEFORE:] for column, found in _distributions(history, key).items()}
    return Known(_keys(history), before)


def series_of(history: Sequence[Observation], monitors: Monitors, known: Known = NOTHING_KNOWN) -> Series:
    """The series of one dataset, oldest observation first, after what is known from before."""
    found: Series = {}
    for observation in history:
        for name, number in _numbers(observation, monitors, known):
            found.setdefault(name, []).append(Value(observation.at, number, observation))
    for name, key in DISTRIBUTIONS.items():
        if _is_watched(monitors, name):
            before = known.before.get(key, {})
            found |= {f"{name}:{column}": of for column, of in _compared(history, key, DISTANCES[name], before).items()}
    return {name: values for name, values in found.items() if _is_wanted(name, monitors)}


def is_growing(values: Sequence[Value], wrong: Container[datetime] = ()) -> bool:
    """Whether a table only ever grows; of steps to what is `wrong` nothing is said: it may begin anew from there.

    Of a hundred million rows nobody sees that a day's are missing; of what a day brought one does.
    """
    steps = [later.number - earlier.number for earlier, later in itertools.pairwise(values) if later.at not in wrong]
    if len(steps) < GROWING_STEPS:
        return False
    if sum(each >= 0 for each in steps) < len(steps) * GROWING or sum(each > 0 for each in steps) < len(steps) / 2:
        return False
    return sum(steps) >= 0.8 * sum(map(abs, steps))  # otherwise it goes up and down


def usual_gap_s(values: Sequence[Value]) -> float:
    """The usual distance in time."""
    gaps = sorted((later.at - earlier.at).total_seconds() for earlier, later in itertools.pairwise(values))
    return (gaps[len(gaps) // 2] if gaps else 0.0) or 1.0


def growth_of(values: Sequence[Value], usual_s: float) -> list[Value]:
    """By how much a table grew from each value to the next, per usual distance in time."""
    found = []
    for earlier, later in itertools.pairwise(values):
        step, gap = later.number - earlier.number, (later.at - earlier.at).total_seconds()
        per_gap = step * min(usual_s / gap, 1.0) if gap > 0 else step
        found.append(Value(later.at, per_gap, later.observation, gap > LONG * usual_s))
    return found


def missed_moments(earlier: datetime, later: datetime, usual_s: float) -> tuple[datetime, ...]:
    """When it should have been looked in between; of long times the last ones."""
    count = min(round((later - earlier).total_seconds() / usual_s) - 1, BEFORE)
    return tuple(later - timedelta(seconds=usual_s * number) for number in range(1, count + 1))


def _keys(history: Sequence[Observation]) -> frozenset[str]:
    """Columns that name rows: these have a value of their own in nearly all observations.

    Their number of different values would say again what the number of rows says.
    """
    seen: Counter[str] = Counter()
    alike: Counter[str] = Counter()
    for observation in history:
        rows = observation.body.get("rows")
        for column, said in (observation.body.get("columns") or {}).items() if rows else ():  # type: ignore[attr-defined]
            if said.get("distinct") is not None:
                seen[column] += 1
                alike[column] += float(said["distinct"]) >= KEY_LIKE * float(rows)  # type: ignore[arg-type]
    return frozenset(column for column, count in seen.items() if alike[column] >= KEY_MOSTLY * count)


def _numbers(observation: Observation, monitors: Monitors, known: Known) -> Iterator[tuple[str, float]]:
    body: Mapping[str, Any] = observation.body
    rows = body.get("rows")
    if rows is not None:
        yield "volume", float(rows)
    if body.get("duration_s") is not None:
        yield "duration", float(body["duration_s"])
    if body.get("cost_s") is not None:
        yield "cost", float(body["cost_s"])
    if (newest := newest_of(body, monitors)) is not None:
        yield "freshness", (observation.at - newest).total_seconds()
    for column, said in (body.get("columns") or {}).items():
        yield from _of_column(column, said, rows, known)
    for column, counts in (body.get("segments") or {}).items():
        yield from ((f"volume:{column}={value}", float(count)) for value, count in counts.items())
    for name, number in (body.get("metrics") or {}).items():
        if number is not None:
            yield f"metric:{name}", float(number)


def _of_column(column: str, said: Mapping[str, Any], rows: float | None, known: Known) -> Iterator[tuple[str, float]]:
    if not rows:
        return
    if said.get("nulls") is not None:
        yield f"nulls:{column}", float(said["nulls"])
    distinct = said.get("distinct")
    if distinct is not None:
        if column in known.keys:
            yield f"{UNIQUE}:{column}", min(float(distinct) / float(rows), 1.0)
        else:
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


DISTRIBUTIONS = {"quantiles": "quantiles", "categories": "shares"}
"""Monitor -> what an observation calls it."""
DISTANCES: Mapping[str, Callable[[Any, Any], float]] = {
    "quantiles": lambda before, now: psi_of_quantiles(usual_quantiles(before), now),
    "categories": lambda before, now: jensen_shannon_of(usual_shares(before), now),
}


def _distributions(history: Sequence[Observation], key: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for observation in history:
        columns: Mapping[str, Any] = observation.body.get("columns") or {}  # type: ignore[assignment]
        for column, said in columns.items():
            if said.get(key):
                found.setdefault(column, []).append(said[key])
    return found


def _compared(
    history: Sequence[Observation], key: str, distance: Callable[[Any, Any], float],
    known: Mapping[str, Sequence[Any]],
) -> Series:  # fmt: skip
    """How far each distribution of a column is from those before it."""
    found: Series = {}
    before = {column: [*of] for column, of in known.items()}
    for observation in history:
        columns: Mapping[str, Any] = observation.body.get("columns") or {}  # type: ignore[assignment]
        for column, said in columns.items():
            now = said.get(key)
            if not now:
                continue
            own = before.setdefault(column, [])
            if own:
                found.setdefault(column, []).append(Value(observation.at, distance(own, now), observation))
            own.append(now)
            del own[:-BEFORE]
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
