"""Judges what was seen of a dataset: each monitor by its own history, or by the bounds that a team has given it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from dryland.project.monitors import Monitors, Rule
from dryland.state.observed import Observation
from dryland.values import dataclass
from dryland.watch.detect.bounds import LEARNING, Bounds, bounds_by
from dryland.watch.detect.habit import Habit
from dryland.watch.schema_change import schema_changes
from dryland.watch.series import Known, Value, growth_of, missed_moments, series_of
from dryland.watch.tunings import tuning_of
from dryland.watch.usual import Flags, Habits, Usual, calendar_of, habits_of, kind_of, parted, points_of, rule_of

State = Literal["ok", "learning", "alert"]

WARM_UP_SPAN = timedelta(days=12.5)  # so that each day of the week was there nearly twice, however often it is looked
SHOWN = 30  # values before one that is told
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
    moment, before, since = parted(history)
    habits = habits_of(before, monitors, flags, moment)
    return tuple(with_before(each, history, monitors, habits) for each in judged_by(habits, since, monitors, flags))


def judged_by(
    habits: Habits, since: Sequence[Observation], monitors: Monitors, flags: Flags
) -> tuple[Judged, ...]:  # fmt: skip
    """The same by what was learned before; the last of the observations since then is judged."""
    last = since[-1]
    found = [
        judged_value(name, habits.series.get(name), values, monitors, flags)
        for name, values in series_of(since, monitors, habits.known).items()
        if values[-1].at == last.at
    ]
    return (*found, *_schema(habits, since, monitors))


def may_alert(habits: Habits, since: Sequence[Observation], monitors: Monitors) -> bool:
    """Whether anything can be told; of what is seen for the first time only what goes beyond bounds of the team's."""
    is_first = not habits.count and len(since) == 1 and "was" not in since[-1].body
    rules = (*monitors.rules.values(), *(metric.rule for metric in monitors.metrics))
    return not is_first or any(rule.is_fixed for rule in rules)


def judged_value(
    name: str, usual: Usual | None, values: Sequence[Value], monitors: Monitors, flags: Flags
) -> Judged:  # fmt: skip
    """What a monitor says of the last of these values, which came since it was learned what is usual."""
    rule, last = rule_of(name, monitors), values[-1]
    is_growth = bool(usual and usual.gap_s)
    number = last.number
    if rule.is_fixed:
        bounds = _fixed(rule, values[-2].number if len(values) > 1 else usual.last[1] if usual else None)
    elif usual is None:
        bounds = LEARNING
    elif is_growth:
        number, bounds = _grown(name, rule, usual, values, monitors, flags)
    else:
        habit = usual.hours.get(last.at.hour, usual.habit)
        bounds = _learned(name, rule, habit, [] if name == "freshness" else values[:-1], last, monitors, flags)
    state: State = "alert" if bounds.is_outside(number) else "learning" if bounds.is_learning else "ok"
    return Judged(last.observation.dataset, name, last.at, number, bounds, state, rule, is_growth=is_growth)


def with_before(judged: Judged, history: Sequence[Observation], monitors: Monitors, habits: Habits) -> Judged:
    """What is told, with the values before it."""
    if judged.state != "alert":
        return judged
    near = [each for each in history if each.at <= judged.at][-SHOWN - 2 :]
    values = series_of(near, monitors, Known(habits.known.keys)).get(judged.monitor, [])
    if judged.is_growth:
        values = growth_of(values, habits.series[judged.monitor].gap_s)
    return replace(judged, before=tuple((each.at, each.number) for each in values[:-1][-SHOWN:]))


def _grown(
    name: str, rule: Rule, usual: Usual, values: Sequence[Value], monitors: Monitors, flags: Flags
) -> tuple[float, Bounds]:  # fmt: skip
    """By how much it grew, and by how much it should have."""
    there = [Value(*usual.last, values[0].observation), *values]
    found = _step(name, rule, usual, there, monitors, flags)
    right = [Value(*usual.right, values[0].observation)] if usual.right else []
    right += [each for each in values[:-1] if flags.get((name, each.at)) != "told"]
    if found[1].is_outside(found[0]) and right and right[-1].at != there[-2].at:  # it may be back where it belongs
        mended = _step(name, rule, usual, [*right, there[-1]], monitors, flags)
        return found if mended[1].is_outside(mended[0]) else mended
    return found


def _step(
    name: str, rule: Rule, usual: Usual, there: Sequence[Value], monitors: Monitors, flags: Flags
) -> tuple[float, Bounds]:  # fmt: skip
    steps = growth_of(there, usual.gap_s)
    last, before = steps[-1], [each for each in steps[:-1] if not each.is_of_gap]
    missed = missed_moments(there[-2].at, last.at, usual.gap_s) if last.is_of_gap else ()
    return last.number, _learned(name, rule, usual.habit, before, last, monitors, flags, missed)


def _learned(
    name: str, rule: Rule, habit: Habit | None, before: Sequence[Value], last: Value, monitors: Monitors,
    flags: Flags, missed: Sequence[datetime] = (),
) -> Bounds:  # fmt: skip
    if habit is None or habit.first is None or (rule.warm_up is None and last.at - habit.first < WARM_UP_SPAN):
        return LEARNING
    points = points_of(name, before, flags)
    return bounds_by(habit, points, last.at, tuning_of(kind_of(name), rule), calendar_of(monitors, last.at), missed)


def _fixed(rule: Rule, before: float | None) -> Bounds:
    """What a team has given; a change is one against the observation before."""
    low, high, expected = rule.low, rule.high, None
    if rule.max_change is not None and before is not None:
        expected = before
        low, high = expected - rule.max_change * abs(expected), expected + rule.max_change * abs(expected)
    if rule.direction == "low":
        high = None
    if rule.direction == "high" and rule.max_change is not None:
        low = None
    return Bounds(low, high, expected, is_learning=low is None and high is None)


def _schema(habits: Habits, since: Sequence[Observation], monitors: Monitors) -> Iterator[Judged]:
    rule = monitors.rule("schema")
    last = since[-1]
    if rule.is_on is False or not last.body.get("columns"):
        return
    changes = schema_changes(since, habits.types)
    state: State = "alert" if changes else "ok" if habits.count + len(since) > 1 else "learning"
    yield Judged(last.dataset, "schema", last.at, None, NO_BOUNDS, state, rule, "; ".join(changes))
