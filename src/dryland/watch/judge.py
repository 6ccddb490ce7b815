"""Judges what was seen of a dataset: each monitor by its own history, or by the bounds that a team has given it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from dryland.project.monitors import Monitors, Rule
from dryland.state.observed import Observation
from dryland.watch.ages import usual_ages
from dryland.watch.detect.bounds import LEARNING, Bounds, Flag, Point, bounds_at
from dryland.watch.detect.calendar import Calendar
from dryland.watch.schema_change import schema_changes
from dryland.watch.series import UNIQUE, Value, growth_of, series_of
from dryland.watch.tunings import tuning_of

State = Literal["ok", "learning", "alert"]
Flags = Mapping[tuple[str, datetime], Flag]
"""Monitor and moment of what was told before -> what people said of it."""

WARM_UP_SPAN = timedelta(days=12.5)  # so that each day of the week was there nearly twice, however often it is looked
OF_GAP = 2.0  # how much wider bounds are of what grew over days of which each is another
NO_BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Judged:
    """What one monitor says of one observation."""

    dataset: str
    monitor: str
    at: datetime
    value: float | None
    bounds: Bounds
    state: State
    rule: Rule
    says: str = ""  # of a schema, what changed
    is_growth: bool = False  # value and bounds are rows that came, not rows that are there
    before: tuple[tuple[datetime, float], ...] = ()  # the last values before it

    @property
    def kind(self) -> str:
        """The kind of the monitor."""
        return self.monitor.partition(":")[0]


def judged(history: Sequence[Observation], monitors: Monitors, flags: Flags) -> tuple[Judged, ...]:
    """What each monitor says of the last observation of a dataset; the others are its history, in the order of time."""
    if not history or monitors.is_on is False:
        return ()
    last = history[-1]
    found = [
        judgement
        for name, values in series_of(history, monitors).items()
        if values[-1].at == last.at
        for judgement in [judged_value(name, values, monitors, flags)]
    ]
    return (*found, *_schema(history, monitors))


def judged_value(
    name: str, values: Sequence[Value], monitors: Monitors, flags: Flags, *, usual: Sequence[Value] | None = None
) -> Judged:
    """What a monitor says of the last of these values; `usual` are others than those before it to compare it with."""
    rule = rule_of(name, monitors)
    growth = growth_of(values) if name == "volume" and not rule.is_fixed else None
    values = growth or values
    last, before = values[-1], values[:-1]
    if rule.is_fixed:
        bounds = _fixed(rule, before)
    else:
        if usual is None:
            usual = usual_ages(before, last) if name == "freshness" else before
        bounds = _learned(name, rule, usual, last, monitors, flags)
    state: State = "alert" if bounds.is_outside(last.number) else "learning" if bounds.is_learning else "ok"
    shown = tuple((each.at, each.number) for each in before[-30:]) if state == "alert" else ()
    return Judged(
        last.observation.dataset, name, last.at, last.number, bounds, state, rule, is_growth=growth is not None,
        before=shown,
    )  # fmt: skip


def rule_of(name: str, monitors: Monitors) -> Rule:
    """What is said of a monitor."""
    kind, _, what = name.partition(":")
    if kind == "metric":
        said = next((each.rule for each in monitors.metrics if each.name == what), Rule())
        return said.over(Rule(sensitivity=monitors.sensitivity))
    return monitors.rule("distinct" if kind == UNIQUE else kind)


def _learned(
    name: str, rule: Rule, before: Sequence[Value], last: Value, monitors: Monitors, flags: Flags
) -> Bounds:  # fmt: skip
    if not before or (rule.warm_up is None and last.at - before[0].at < WARM_UP_SPAN):
        return LEARNING
    kind = "segment" if name.startswith("volume:") else name.partition(":")[0]
    points = [Point(each.at, each.number, flags.get((name, each.at), "")) for each in before if not each.is_of_gap]
    tuning = tuning_of(kind, rule)
    if last.is_of_gap:
        tuning = replace(tuning, width=OF_GAP * tuning.width, least_share=OF_GAP * tuning.least_share)
    return bounds_at(points, last.at, tuning, Calendar(monitors.holidays))


def _fixed(rule: Rule, before: Sequence[Value]) -> Bounds:
    """What a team has given; a change is one against the observation before."""
    low, high, expected = rule.low, rule.high, None
    if rule.max_change is not None and before:
        expected = before[-1].number
        low, high = expected - rule.max_change * abs(expected), expected + rule.max_change * abs(expected)
    if rule.direction == "low":
        high = None
    if rule.direction == "high" and rule.max_change is not None:
        low = None
    return Bounds(low, high, expected, is_learning=low is None and high is None)


def _schema(history: Sequence[Observation], monitors: Monitors) -> Iterator[Judged]:
    rule = monitors.rule("schema")
    last = history[-1]
    if rule.is_on is False or not last.body.get("columns"):
        return
    changes = schema_changes(history)
    state: State = "alert" if changes else "ok" if len(history) > 1 else "learning"
    yield Judged(last.dataset, "schema", last.at, None, NO_BOUNDS, state, rule, "; ".join(changes))
