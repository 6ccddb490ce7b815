"""Works out between which values the next one of a history should lie.

The history is looked at on a scale of factors or of differences. Its trend and its season are taken away by medians,
and what is left is compared with what was left of the observations right before it: so the errors are those that would
have been made at that time. Bounds are as wide as these errors, never narrower than what matters. What was told as
wrong is left out until somebody says that it was not.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dryland.watch.detect.calendar import Calendar, Season, Special, seasons_of
from dryland.watch.detect.level import Fitted, fitted
from dryland.watch.detect.numbers import from_log, median, quantile, slope, spread, to_log
from dryland.watch.detect.tuning import Tuning

Flag = Literal["", "told", "tolerated"]

POINTS_MAX = 400  # the newest of a history: a year of days, or two weeks of hours
ADOPTED = 14  # observations in a row that were told as wrong: by then this is how things are
FEW = 4.0  # how much a short history widens bounds: by this over its length
TAIL, TAIL_WIDTH = 0.95, 1.7  # bounds reach this much further than nearly all errors did, whatever their distribution
TAIL_POINTS = 10
PAYS = 0.85  # a season is one when it makes errors smaller by this factor
RUN = 3  # observations that tell as much together as one that is further off
AS_FAR = 1.1  # of what people said is no issue: what is hardly further is none either
NO_ERROR = 1e-9  # of the largest: what is less is rounding
UNSEEN = 2.0  # how much wider bounds are on an end of a month, when the history has none yet


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a history."""

    at: datetime
    value: float
    flag: Flag = ""  # told: it was outside of bounds; tolerated: it was, and people said that this is no issue


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


def bounds_at(history: Sequence[Point], at: datetime, tuning: Tuning, calendar: Calendar = Calendar()) -> Bounds:  # noqa: B008 - immutable
    """The bounds of a value at a moment, from what was seen before it, in the order of time."""
    usual = _usual(history)
    if len(usual) < tuning.warm_up:
        return LEARNING
    scaled = [to_log(each.value) for each in usual] if tuning.is_factor else [each.value for each in usual]
    if len(set(scaled[-POINTS_MAX:])) == 1:
        return _within(scaled[0], (0.0, 0.0), usual, tuning)
    fit = _best_fit(usual, scaled, at, calendar)
    special = calendar.special(at)
    offsets = [error for error, kind in zip(fit.errors, fit.specials, strict=True) if kind == special and kind]
    if special == "holiday" and not offsets:
        return LEARNING
    centre, reach = _on_day(special, offsets, fit, _width(fit, usual, tuning))
    recent = _recent_errors(history, fit)
    return _within(centre, reach, usual, tuning, recent)


def _usual(history: Sequence[Point]) -> list[Point]:
    """What bounds are made of: without what was told as wrong, unless that went on for so long that it is usual now."""
    newest = history[-POINTS_MAX:]
    in_a_row = 0
    for point in reversed(newest):
        if point.flag != "told":
            break
        in_a_row += 1
    stays = in_a_row >= ADOPTED
    first = len(newest) - in_a_row
    return [each for number, each in enumerate(newest) if each.flag != "told" or (stays and number >= first)]


def _best_fit(usual: Sequence[Point], scaled: list[float], at: datetime, calendar: Calendar) -> Fitted:
    """The fit with the season that pays: one that has none unless errors get clearly smaller."""
    times = [each.at for each in usual]
    days = [(each - at) / timedelta(days=1) for each in times]
    per_day = slope(days, scaled)
    level = [value - per_day * day for value, day in zip(scaled, days, strict=True)]
    specials = [calendar.special(each) for each in times]
    best = fitted(level, specials)
    for season in seasons_of(_gap(times)):
        found = fitted(level, specials, *_groups(season, times, at))
        if found.is_seasonal and found.misses < PAYS * best.misses:
            best = found
    return best


def _groups(season: Season, times: Sequence[datetime], at: datetime) -> tuple[list[Hashable], Hashable]:
    return [season(each) for each in times], season(at)


def _gap(times: Sequence[datetime]) -> timedelta:
    gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
    return timedelta(seconds=median(gaps)) if gaps else timedelta(days=1)


def _width(fit: Fitted, usual: Sequence[Point], tuning: Tuning) -> float:
    """How far from the middle bounds are: as errors of a normal distribution would ask for, or as their tail was."""
    usual_errors = [error for error, kind in zip(fit.errors, fit.specials, strict=True) if not kind] or fit.errors
    least = NO_ERROR * max(map(abs, usual_errors))
    some = [error for error in usual_errors if abs(error) > least]  # closed weekends tell nothing of other days
    noise = spread(some if 2 * len(some) > len(usual_errors) else usual_errors)
    if tuning.is_count and tuning.is_factor:  # things that come one by one vary by the root of their number
        noise = max(noise, (median([abs(each.value) for each in usual]) + 1) ** -0.5)
    width = tuning.width * noise * (1 + FEW / len(usual))
    if len(usual_errors) >= TAIL_POINTS:
        width = max(width, TAIL_WIDTH * quantile(sorted(map(abs, usual_errors)), TAIL))
    tolerated = [AS_FAR * abs(error) for error, each in zip(fit.errors, usual, strict=True) if each.flag == "tolerated"]
    return max([width, *tolerated])


def _on_day(
    special: Special, offsets: Sequence[float], fit: Fitted, width: float
) -> tuple[float, tuple[float, float]]:  # fmt: skip
    """The middle, and how far bounds reach below and above it, on a day that may be a special one."""
    if not special:
        return fit.centre, (width, width)
    if not offsets:
        return fit.centre, (UNSEEN * width, UNSEEN * width)
    if special == "holiday" or len(offsets) == 1:  # it may be like that day, or like any other
        return fit.centre, (width - min(0.0, *offsets), width + max(0.0, *offsets))
    middle = median(offsets)
    return fit.centre + middle, (width + middle - min(middle, *offsets), width + max(middle, *offsets) - middle)


def _recent_errors(history: Sequence[Point], fit: Fitted) -> float:
    """What the last observations before this one missed the level by, together; nothing where it was spoken of."""
    if any(each.flag for each in history[-(RUN - 1) :]):  # what was told is not in the fit; what is no issue leans not
        return 0.0
    return sum(fit.errors[-(RUN - 1) :])


def _within(
    centre: float, reach: tuple[float, float], usual: Sequence[Point], tuning: Tuning, recent: float = 0.0
) -> Bounds:
    """Bounds in the history's own numbers: at least as far from the middle as what matters."""
    back = from_log if tuning.is_factor else _same
    expected = back(centre)
    least = max(tuning.least, tuning.least_share * abs(expected))
    if not least and not any(reach):
        return Bounds(expected=expected)  # it was always zero: nothing tells how much of something is much
    low = min(back(centre - _narrowed(reach[0], -recent, tuning.run_width)), expected - least)
    high = max(back(centre + _narrowed(reach[1], recent, tuning.run_width)), expected + least)
    floor: float | None = low
    if tuning.is_count and low <= 0:
        floor = None
        if min(each.value for each in usual) > 0:
            floor = min(1.0, min(each.value for each in usual))
    return Bounds(
        floor if tuning.direction != "high" else None, high if tuning.direction != "low" else None, expected
    )  # fmt: skip


def _narrowed(reach: float, recent: float, run_width: float) -> float:
    """The bound on the side to which those before leaned: three that lean tell as much as one that leaps."""
    if recent <= 0:
        return reach
    return min(reach, max(RUN * run_width * reach - recent, run_width * reach))


def _same(value: float) -> float:
    return value
