"""Learns what is usual of each series of a dataset, in a form that is remembered until the next week."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zlib import crc32

from dryland.digest import digest
from dryland.project.countries import holidays_of
from dryland.project.monitors import Monitors, Rule
from dryland.state.observed import Observation
from dryland.values import dataclass
from dryland.watch.ages import ages_by_hour, ages_when_more_came
from dryland.watch.detect.calendar import Calendar
from dryland.watch.detect.habit import RUN, Flag, Habit, Point, habit_of
from dryland.watch.detect.level import BEFORE
from dryland.watch.schema_change import types_of
from dryland.watch.series import UNIQUE, Known, Value, growth_of, is_growing, known_of, series_of, usual_gap_s
from dryland.watch.tunings import tuning_of

Flags = Mapping[tuple[str, datetime], Flag]
"""Monitor and moment of what was told before -> what people said of it."""

VERSION = 1  # of what is learned: another one, and it is learned anew
HISTORY = timedelta(days=120)  # of which bounds are made: three months and some, to have seen ends of months
HISTORY_MAX = 400  # observations of each dataset, so that one that is refreshed every hour costs little more than daily
ENOUGH, ENOUGH_FOR_WEEK = 14, 28  # observations before which everything is learned anew with each, or each day
SINCE_MAX = BEFORE + RUN  # observations that move a level, and the one that is judged
MONDAY = datetime(2000, 1, 3)  # noqa: DTZ001 - times in the metadata have no zone
WEEK, HOURS = 7, 24
LEARNED_UP_TO = timedelta(days=WEEK)  # ago: so much further back goes the history that was learned from


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of one series."""

    last: tuple[datetime, float]  # the last value that it was learned from, as it was seen
    habit: Habit | None = None  # None where the team has given bounds
    gap_s: float = 0.0  # the usual distance in time, of a table that grows: what counts of it is what came
    hours: Mapping[int, Habit] = field(default_factory=dict)  # of ages, by the hour at which it is looked
    right: tuple[datetime, float] | None = None  # of a table that grows, the last value that nobody was told of


@dataclass(frozen=True, slots=True)
class Habits:
    """What is usual of a dataset, as of a moment."""

    as_of: datetime
    series: Mapping[str, Usual]
    known: Known
    types: Mapping[str, str]  # of its columns, when it had any
    count: int = 0  # observations

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        series = [
            [name, each.last[0].isoformat(), each.last[1], each.habit.as_json() if each.habit else None, each.gap_s,
             [[hour, habit.as_json()] for hour, habit in each.hours.items()],
             [each.right[0].isoformat(), each.right[1]] if each.right else None]
            for name, each in self.series.items()
        ]  # fmt: skip
        return {"version": VERSION, "as_of": self.as_of.isoformat(), "series": series, "keys": sorted(self.known.keys),
                "before": self.known.before, "types": dict(self.types), "count": self.count}  # fmt: skip

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Habits:
        """The same again."""
        series = {
            name: Usual((datetime.fromisoformat(at), number), Habit.from_json(habit) if habit else None, gap_s,
                        {hour: Habit.from_json(each) for hour, each in hours},
                        (datetime.fromisoformat(right[0]), right[1]) if right else None)
            for name, at, number, habit, gap_s, hours, right in said["series"]
        }  # fmt: skip
        known = Known(frozenset(said["keys"]), said["before"])
        return cls(datetime.fromisoformat(said["as_of"]), series, known, said["types"], said["count"])


def as_of(dataset: str, at: datetime, days: int = WEEK) -> datetime:
    """The moment as of which is learned what an observation is judged by: each dataset has its own hour of the week."""
    step = timedelta(days=days)
    first = MONDAY + timedelta(hours=crc32(dataset.encode()) % (HOURS * days))
    return first + (at - first) // step * step


def parted(history: Sequence[Observation]) -> tuple[datetime, Sequence[Observation], Sequence[Observation]]:
    """As of when, what is learned from, and what came since, of which the last is to be judged.

    Weekly, as soon as there is enough to learn from; daily before that; and of little, anew each time.
    """
    last = history[-1]
    for days, enough in ((WEEK, ENOUGH_FOR_WEEK), (1, ENOUGH)):
        moment = as_of(last.dataset, last.at, days)
        before = _learned_from(history, moment)
        if len(before) >= enough:
            return moment, before, [each for each in history[-SINCE_MAX:] if each.at >= moment]
    return last.at, _learned_from(history[:-1], last.at), history[-1:]


def _learned_from(history: Sequence[Observation], moment: datetime) -> list[Observation]:
    begin = bisect_left(history, moment - HISTORY, key=_at)
    end = bisect_left(history, moment, begin, key=_at)
    return [*history[max(begin, end - HISTORY_MAX) : end]]


def _at(observation: Observation) -> datetime:
    return observation.at


def habits_of(history: Sequence[Observation], monitors: Monitors, flags: Flags, moment: datetime) -> Habits:
    """What is usual after this history, as of a moment."""
    known = known_of(history, monitors)
    series = series_of(history, monitors, Known(known.keys))
    learned = {name: usual_of(name, values, monitors, flags, moment) for name, values in series.items()}
    types = next((types_of(each) for each in reversed(history) if each.body.get("columns")), {})
    return Habits(moment, learned, known, types, len(history))


def usual_of(name: str, values: Sequence[Value], monitors: Monitors, flags: Flags, moment: datetime) -> Usual:
    """What is usual of one series after these values."""
    rule, last = rule_of(name, monitors), (values[-1].at, values[-1].number)
    if rule.is_fixed:
        return Usual(last)
    if name == "freshness":
        hours = {
            hour: _habit(name, rule, ages, monitors, flags, moment) for hour, ages in ages_by_hour(values).items()
        }  # fmt: skip
        when_more_came = _habit(name, rule, ages_when_more_came(values), monitors, flags, moment)
        return Usual(last, when_more_came, hours=hours)
    wrong = {at for (monitor, at), flag in flags.items() if monitor == name and flag == "told"}
    gap_s = usual_gap_s(values) if name == "volume" and is_growing(values, wrong) else 0.0
    right = None
    if gap_s:
        right = next(((each.at, each.number) for each in reversed(values) if each.at not in wrong), None)
        values = [each for each in growth_of(values, gap_s) if not each.is_of_gap]
    return Usual(last, _habit(name, rule, values, monitors, flags, moment), gap_s, right=right)


def usual_between_builds(gaps: Sequence[Value], monitors: Monitors, moment: datetime) -> Usual:
    """How long it usually is from one build to the next."""
    rule, last = rule_of("freshness", monitors), (gaps[-1].at, gaps[-1].number)
    return Usual(last, None if rule.is_fixed else _habit("freshness", rule, gaps, monitors, {}, moment))


def _habit(
    name: str, rule: Rule, values: Sequence[Value], monitors: Monitors, flags: Flags, moment: datetime
) -> Habit:  # fmt: skip
    points = points_of(name, values, flags)
    return habit_of(points, tuning_of(kind_of(name), rule), calendar_of(monitors, moment), moment)


def points_of(name: str, values: Sequence[Value], flags: Flags) -> list[Point]:
    """Values as the detector takes them, with what was said of them."""
    if not flags:
        return [Point(each.at, each.number) for each in values]
    return [Point(each.at, each.number, flags.get((name, each.at), "")) for each in values]


def calendar_of(monitors: Monitors, at: datetime) -> Calendar:
    """The holidays around a moment: what a team lists, and what its countries have."""
    return _calendar(monitors.holidays, monitors.countries, at.year)


@cache
def _calendar(days: frozenset[date], countries: frozenset[str], year: int) -> Calendar:
    return Calendar(days | holidays_of(countries, range(year - 1, year + 2)) if countries else days)


def kind_of(name: str) -> str:
    """By which word its tuning is found."""
    return "segment" if name.startswith("volume:") else name.partition(":")[0]


def rule_of(name: str, monitors: Monitors) -> Rule:
    """What is said of a monitor."""
    kind, _, what = name.partition(":")
    if kind == "metric":
        said = next((each.rule for each in monitors.metrics if each.name == what), Rule())
        return said.over(Rule(sensitivity=monitors.sensitivity))
    return monitors.rule("distinct" if kind == UNIQUE else kind)


def decided_by(monitors: Monitors, flags: Flags, moment: datetime) -> str:
    """What tells whether what was learned still holds: when, by which settings, and what people said until then."""
    said = sorted((name, at.isoformat(), flag) for (name, at), flag in flags.items() if moment - HISTORY <= at < moment)
    rules = {kind: asdict(rule) for kind, rule in sorted(monitors.rules.items())}
    metrics = [[each.name, asdict(each.rule)] for each in monitors.metrics]
    days = [*sorted(each.isoformat() for each in monitors.holidays), *sorted(monitors.countries)]
    return digest([VERSION, moment.isoformat(), json.dumps([said, rules, metrics, days, monitors.sensitivity])])
