"""Says between which values the next one of a history should lie.

What is usual was learned (`habit.py`); the observations since then move the level. Bounds are as wide as errors were at
the time, never narrower than what matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dryland.values import dataclass
from dryland.watch.detect.calendar import SEASONS, Calendar
from dryland.watch.detect.habit import ADOPTED, AS_FAR, RUN, DayOffsets, Fit, Habit, Point, scaled, told_last
from dryland.watch.detect.level import BEFORE, level_of
from dryland.watch.detect.numbers import from_log
from dryland.watch.detect.tuning import Tuning

UNSEEN = 2.0  # how much wider bounds are on an end of a month, when the history has none yet
OF_GAP = 1.5  # the same of what came over several days: each may have been another than it is as a rule


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which values the next one is usual; an end that is None has no bound."""

    low: float | None = None
    high: float | None = None
    expected: float | None = None
    is_learning: bool = False  # too little is known yet to tell anybody anything

    def is_outside(self, value: float) -> bool:
        """Whether a value is unusual."""
        return (self.low is not None and value < self.low) or (self.high is not None and value > self.high)


LEARNING = Bounds(is_learning=True)
NO_GAP: tuple[datetime, ...] = ()


def bounds_by(
    habit: Habit, since: Sequence[Point], at: datetime, tuning: Tuning, calendar: Calendar,
    missed: Sequence[datetime] = NO_GAP,
) -> Bounds:  # fmt: skip
    """The bounds of a value at a moment, by what was learned before it, and came since in the order of time.

    `missed` are moments of which the value tells as well.
    """
    usual = [each for each in since if each.flag != "told"] + _adopted(habit, since)
    if not habit.fits or habit.count + len(usual) < tuning.warm_up:
        return LEARNING
    values = [scaled(each.value, tuning) for each in usual]
    if habit.constant is not None and all(value == habit.constant for value in values):
        return _within(habit, usual, tuning, habit.constant, (0.0, 0.0), (0.0, 0.0))
    found = [_moved(habit, usual, values, since, moment, tuning, calendar) for moment in (at, *missed)]
    known = [each for each in found if each is not None]
    if not known:
        return LEARNING
    if len(found) > 1:
        return _over_days(known, tuning)
    return known[0]


def _adopted(habit: Habit, since: Sequence[Point]) -> list[Point]:
    """What was told as wrong, where that went on for so long that it is usual now."""
    wrong = told_last(since)
    if len(wrong) == len(since):
        wrong = [*(Point(at, value, "told") for at, value in habit.told), *wrong]
    return wrong if len(wrong) >= ADOPTED else []


def _moved(
    habit: Habit, usual: Sequence[Point], values: Sequence[float], since: Sequence[Point], at: datetime,
    tuning: Tuning, calendar: Calendar,
) -> Bounds | None:  # fmt: skip
    """The bounds at a moment; None where nothing like its day was seen yet."""
    fit, special = _fit_for(habit, at), calendar.special(at)
    days = fit.days.get(special) if special else None
    if special == "holiday" and days is None:
        return None
    come, leans = _come(habit, fit, usual, values, calendar), tuning.run_width < 1
    last = range(max(len(usual) - RUN + 1, 0), len(usual)) if leans else ()
    errors = [*fit.errors, *map(come.error, last)]
    borne = [AS_FAR * abs(come.error(number)) for number, point in enumerate(usual) if point.flag == "tolerated"]
    reach = max([fit.reach, *borne])
    centre = come.level(len(usual)) + habit.per_day * habit.days_until(at) + _offset(fit, at)
    centre, sides = _on_day(special, days, centre, reach)
    leaning = _leaning(habit, since, errors, fit, tuning, reach, sides) if leans else sides
    return _within(habit, usual, tuning, centre, sides, leaning)


@dataclass(frozen=True, slots=True)
class _Come:
    """What came since a fit was learned: what is left of each without trend and season, and which days were plain."""

    fit: Fit
    rests: Sequence[float]
    are_plain: Sequence[bool]

    def level(self, number: int) -> float:
        """The level when so many of them had come; special days do not move it."""
        seen = [rest for rest, is_plain in zip(self.rests[:number], self.are_plain[:number], strict=True) if is_plain]
        return level_of([*self.fit.window, *seen][-BEFORE:], self.fit.start)

    def error(self, number: int) -> float:
        """By how much one of them missed the level before it."""
        return self.rests[number] - self.level(number)


def _come(habit: Habit, fit: Fit, usual: Sequence[Point], values: Sequence[float], calendar: Calendar) -> _Come:
    rests = [
        value - habit.per_day * habit.days_until(point.at) - _offset(fit, point.at)
        for point, value in zip(usual, values, strict=True)
    ]
    return _Come(fit, rests, [not calendar.special(point.at) for point in usual])


def _offset(fit: Fit, at: datetime) -> float:
    """What the season adds at a moment."""
    season = SEASONS.get(fit.season)
    return fit.offsets.get(season(at), 0.0) if season else 0.0


def _fit_for(habit: Habit, at: datetime) -> Fit:
    """The fit with the season that pays most, of those that know this day or hour."""
    known = (fit for fit in reversed(habit.fits) if not fit.season or SEASONS[fit.season](at) in fit.offsets)
    return next(known)


def _on_day(
    special: str, days: DayOffsets | None, centre: float, width: float
) -> tuple[float, tuple[float, float]]:  # fmt: skip
    """The middle, and how far bounds reach below and above it, on a day that may be a special one."""
    if not special:
        return centre, (width, width)
    if days is None:
        return centre, (UNSEEN * width, UNSEEN * width)
    if special == "holiday" or days.count == 1:  # it may be like that day, or like any other
        return centre, (width - min(0.0, days.least), width + max(0.0, days.most))
    return centre + days.middle, (width + days.middle - min(days.middle, days.least),
                                  width + max(days.middle, days.most) - days.middle)  # fmt: skip


def _leaning(
    habit: Habit, since: Sequence[Point], errors: Sequence[float], fit: Fit, tuning: Tuning, reach: float,
    sides: tuple[float, float],
) -> tuple[float, float]:  # fmt: skip
    """How far bounds reach on the side to which the last two leaned: three that lean tell as much as one that leaps.

    Not where one of them was spoken of: what was told is not in the level, and what is no issue leans not.
    """
    flags = (*habit.flags, *(each.flag for each in since))[-(RUN - 1) :]
    recent = 0.0 if any(flags) else sum(errors[-(RUN - 1) :])
    nearer = max(reach - max(fit.run_reach - abs(recent), tuning.run_width * reach), 0.0)
    low, high = sides
    return (low - nearer, high) if recent < 0 else (low, high - nearer) if recent > 0 else sides


def _within(
    habit: Habit, usual: Sequence[Point], tuning: Tuning, centre: float, reach: tuple[float, float],
    leaning: tuple[float, float],
) -> Bounds:  # fmt: skip
    """Bounds in the history's own numbers: at least as far from the middle as what matters."""
    back = from_log if tuning.is_factor else float
    expected = back(centre)
    least = max(tuning.least, tuning.least_share * abs(expected))
    if not least and not any(reach):
        return Bounds(expected=expected)  # it was always zero: nothing tells how much of something is much
    if tuning.is_count:  # of few things one more or less is nothing
        least = max(least, tuning.width * max(expected, 0.0) ** 0.5 if any(reach) else 0.0, tuning.least_count)
    low, high = min(back(centre - leaning[0]), expected - least), max(back(centre + leaning[1]), expected + least)
    floor: float | None = low
    if tuning.is_count and low <= 0:
        floor = None
        smallest = min([habit.least, *(each.value for each in usual)])
        if smallest > 0:
            floor = min(1.0, smallest)
    return Bounds(
        floor if tuning.direction != "high" else None, high if tuning.direction != "low" else None, expected
    )  # fmt: skip


def _over_days(each: Sequence[Bounds], tuning: Tuning) -> Bounds:
    """Of what came over several days, as a mean of them: it may be as that of any of these."""
    expected = sum(one.expected or 0.0 for one in each) / len(each)
    lows, highs = [one.low for one in each if one.low is not None], [one.high for one in each if one.high is not None]
    low = expected - OF_GAP * (expected - min(lows)) if lows and len(lows) == len(each) else None
    high = expected + OF_GAP * (max(highs) - expected) if highs and len(highs) == len(each) else None
    if low is not None and tuning.is_count and low <= 0:
        low = None
    return Bounds(low, high, expected)
