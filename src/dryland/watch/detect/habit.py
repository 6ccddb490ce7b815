"""Learns from a history what is usual, so that the next observations can be judged without reading it again.

The history is looked at on a scale of factors or of differences. Its trend and its season are taken away by medians,
and what is left is compared with what was left of the observations right before it: so the errors are those that would
have been made at that time. What was told as wrong is left out until somebody says that it was not.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from dryland.values import dataclass
from dryland.watch.detect.calendar import Calendar, Special, seasons_of
from dryland.watch.detect.level import Fitted, fitted
from dryland.watch.detect.numbers import median, quantile, slope, spread, to_log
from dryland.watch.detect.tuning import Tuning

Flag = Literal["", "told", "tolerated"]

POINTS_MAX = 400  # the newest of a history: a year of days, or two weeks of hours
ADOPTED = 14  # observations in a row that were told as wrong: by then this is how things are
FEW = 8.0  # how much a short history widens bounds: by this over its length
TAIL, TAIL_WIDTH = 0.9, 1.8  # bounds reach this much further than nearly all errors did, whatever their distribution
TAIL_POINTS = 10
RUN = 3  # observations that tell as much together as one that is further off
AS_FAR = 1.1  # of what people said is no issue: what is hardly further is none either
PAYS = 0.85  # a season is one when it makes errors smaller by this factor
SMALL = 0.5  # of what is no matter: bounds that are nearer are not made nearer by a season
NO_ERROR = 1e-9  # of the largest: what is less is rounding
AHEAD = timedelta(days=1)  # for which something is learned


class Point(NamedTuple):
    """One value of a history."""

    at: datetime
    value: float
    flag: Flag = ""  # told: it was outside of bounds; tolerated: it was, and people said that this is no issue


@dataclass(frozen=True, slots=True)
class DayOffsets:
    """By how much days of one kind missed the level."""

    count: int
    least: float
    middle: float
    most: float


@dataclass(frozen=True, slots=True)
class Fit:
    """A level, perhaps with a season, and how far from it bounds are."""

    season: str  # its name; empty for none
    misses: float
    offsets: Mapping[int, float]
    start: float
    window: tuple[float, ...]
    errors: tuple[float, ...]  # the last ones
    reach: float  # of bounds, on each side
    run_reach: float  # that three errors in a row together keep within
    days: Mapping[str, DayOffsets]  # by kind of special day

    def as_json(self) -> list[Any]:
        """As lists."""
        days = [[kind, each.count, each.least, each.middle, each.most] for kind, each in self.days.items()]
        return [self.season, self.misses, [*self.offsets.items()], self.start, [*self.window], [*self.errors],
                self.reach, self.run_reach, days]  # fmt: skip

    @classmethod
    def from_json(cls, said: Sequence[Any]) -> Fit:
        """The same again."""
        season, misses, offsets, start, window, errors, reach, run_reach, days = said
        return cls(season, misses, dict(offsets), start, tuple(window), tuple(errors), reach, run_reach,
                   {kind: DayOffsets(*rest) for kind, *rest in days})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Habit:
    """What is usual of one series, as of a moment, for the day after it."""

    as_of: datetime
    first: datetime | None = None  # when the first was seen of what it is made of
    count: int = 0
    constant: float | None = None  # on the scale; None where values differ
    least: float = 0.0
    per_day: float = 0.0  # trend, on the scale
    flags: tuple[Flag, ...] = ()  # of the last observations
    told: tuple[tuple[datetime, float], ...] = ()  # the last ones, where they were told as wrong and left out so far
    fits: tuple[Fit, ...] = field(default=())  # the plainest first

    def days_until(self, at: datetime) -> float:
        """Days from when this was learned."""
        return (at - self.as_of).total_seconds() / 86_400

    def as_json(self) -> list[Any]:
        """As lists."""
        told = [[at.isoformat(), value] for at, value in self.told]
        first = self.first.isoformat() if self.first else None
        return [self.as_of.isoformat(), first, self.count, self.constant, self.least, self.per_day, [*self.flags], told,
                [fit.as_json() for fit in self.fits]]  # fmt: skip

    @classmethod
    def from_json(cls, said: Sequence[Any]) -> Habit:
        """The same again."""
        as_of, first, count, constant, least, per_day, flags, told, fits = said
        return cls(datetime.fromisoformat(as_of), datetime.fromisoformat(first) if first else None, count, constant,
                   least, per_day, tuple(flags), tuple((datetime.fromisoformat(at), value) for at, value in told),
                   tuple(map(Fit.from_json, fits)))  # fmt: skip


def habit_of(history: Sequence[Point], tuning: Tuning, calendar: Calendar, as_of: datetime) -> Habit:
    """What is usual after this history, in the order of time."""
    newest = history[-POINTS_MAX:]
    wrong = told_last(newest)
    adopted = len(wrong) >= ADOPTED  # that is how things are
    usual = [each for each in newest if each.flag != "told"] + (wrong if adopted else [])
    flags: tuple[Flag, ...] = tuple(each.flag for each in newest[-(RUN - 1) :])
    told = () if adopted else tuple((each.at, each.value) for each in wrong)
    if not usual:
        return Habit(as_of, flags=flags, told=told)
    values = [scaled(each.value, tuning) for each in usual]
    days = [(each.at - as_of).total_seconds() / 86_400 for each in usual]
    per_day = slope(days, values)
    level = [value - per_day * day for value, day in zip(values, days, strict=True)]
    return Habit(
        as_of, usual[0].at, len(usual), values[0] if len(set(values)) == 1 else None,
        min(each.value for each in usual), per_day, flags, told, tuple(_fits(usual, level, tuning, calendar)),
    )  # fmt: skip


def told_last(history: Sequence[Point]) -> list[Point]:
    """The last observations as far as all of them were told as wrong."""
    count = next((number for number, each in enumerate(reversed(history)) if each.flag != "told"), len(history))
    return [*history[len(history) - count :]]


def scaled(value: float, tuning: Tuning) -> float:
    """Where it lies on the scale on which values are compared."""
    return to_log(value) if tuning.is_factor else value


def _fits(usual: Sequence[Point], level: Sequence[float], tuning: Tuning, calendar: Calendar) -> list[Fit]:
    """One without a season, and one with each season that makes errors smaller, where these are no small matter."""
    specials = [calendar.special(each.at) for each in usual]
    found = [_fit("", fitted(level, specials), usual, tuning)]
    if found[0].reach < SMALL * _no_matter(usual, tuning):
        return found
    times = [each.at for each in usual]
    for season in seasons_of(_gap(times)):
        fit = fitted(level, specials, [season(at) for at in times])
        if fit.misses < PAYS * found[-1].misses:
            found.append(_fit(season.__name__, fit, usual, tuning))
    return found


def _no_matter(usual: Sequence[Point], tuning: Tuning) -> float:
    """How far from its usual value something may be before it matters, on the scale."""
    middle = abs(median([each.value for each in usual]))
    least = max(tuning.least, tuning.least_share * middle)
    return to_log(middle) - to_log(max(middle - least, 0.0)) if tuning.is_factor else least


def _fit(season: str, fit: Fitted, usual: Sequence[Point], tuning: Tuning) -> Fit:
    days: dict[str, DayOffsets] = {kind: _offsets(fit, kind) for kind in dict.fromkeys(fit.specials) if kind}
    return Fit(season, fit.misses, fit.offsets, fit.start, fit.window, tuple(fit.errors[-(RUN - 1) :]),
               _reach(fit, usual, tuning), _run_reach(fit, usual, tuning), days)  # fmt: skip


def _offsets(fit: Fitted, kind: Special) -> DayOffsets:
    found = [error for error, each in zip(fit.errors, fit.specials, strict=True) if each == kind]
    return DayOffsets(len(found), min(found), median(found), max(found))


def _gap(times: Sequence[datetime]) -> timedelta:
    gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
    return timedelta(seconds=median(gaps)) if gaps else AHEAD


def _reach(fit: Fitted, usual: Sequence[Point], tuning: Tuning) -> float:
    """How far from the middle bounds are: as errors of a normal distribution would ask for, or as their tail was."""
    width = _wide(_of_plain_days(fit), _by_ones(usual, tuning), usual, tuning)
    tolerated = [AS_FAR * abs(error) for error, each in zip(fit.errors, usual, strict=True) if each.flag == "tolerated"]
    return max([width, *tolerated])


def _run_reach(fit: Fitted, usual: Sequence[Point], tuning: Tuning) -> float:
    """The same of three in a row together: of noise that leans for days, that is nearly three times as far."""
    errors = _of_plain_days(fit)
    sums = [sum(errors[at : at + RUN]) for at in range(len(errors) - RUN + 1)]
    return _wide(sums, RUN**0.5 * _by_ones(usual, tuning), usual, tuning) if sums else float("inf")


def _wide(errors: Sequence[float], noise_least: float, usual: Sequence[Point], tuning: Tuning) -> float:
    least = NO_ERROR * max(map(abs, errors))
    some = [error for error in errors if abs(error) > least]  # closed weekends tell nothing of other days
    noise = max(spread(some if 2 * len(some) > len(errors) else errors), noise_least)
    width = tuning.width * noise * (1 + FEW / len(usual))
    if len(errors) >= TAIL_POINTS:
        width = max(width, TAIL_WIDTH * quantile(sorted(map(abs, errors)), TAIL))
    return width


def _of_plain_days(fit: Fitted) -> list[float]:
    return [error for error, kind in zip(fit.errors, fit.specials, strict=True) if not kind] or fit.errors


def _by_ones(usual: Sequence[Point], tuning: Tuning) -> float:
    """Things that come one by one vary by the root of their number."""
    if not tuning.is_count or not tuning.is_factor:
        return 0.0
    return float((median([abs(each.value) for each in usual]) + 1) ** -0.5)
