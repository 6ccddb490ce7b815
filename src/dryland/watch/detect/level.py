"""Fits a level and a season to a history, and says by how much each observation missed what was known before it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence

from dryland.values import dataclass
from dryland.watch.detect.calendar import Special
from dryland.watch.detect.numbers import median, quantile

BEFORE = 14  # observations whose median is the level
FIRST = 5  # observations without a level of their own
MISSED = 0.9  # the size of an error that this share of them keeps below


@dataclass(frozen=True, slots=True)
class Fitted:
    """A level with a season."""

    offsets: Mapping[int, float]  # what the season adds on a day or at an hour that was seen more than once
    start: float  # the level before there are enough observations for one
    window: tuple[float, ...]  # the newest observations without the season, in the order of time
    errors: list[float]  # of each observation against what those before it let one expect
    specials: Sequence[Special]  # what day each was
    misses: float  # how large errors are


def fitted(values: Sequence[float], specials: Sequence[Special], groups: Sequence[int] = ()) -> Fitted:
    """Fit values without their trend; `groups` are the seasons of the values."""
    plain = [number for number, special in enumerate(specials) if not special]
    if len(plain) < FIRST:  # nothing but special days: they are what is usual
        plain = list(range(len(values)))
    middle = median([values[number] for number in plain])
    seasonal, offsets = _seasons(values, plain, groups, middle)
    rest = [value - offset for value, offset in zip(values, seasonal, strict=True)]
    start = median([rest[number] for number in plain[:FIRST]])
    errors = _errors(rest, set(plain), start)
    misses = quantile(sorted(abs(errors[number]) for number in plain), MISSED)
    return Fitted(offsets, start, tuple(rest[number] for number in plain[-BEFORE:]), errors, specials, misses)


def level_of(window: Sequence[float], start: float) -> float:
    """The level after these observations."""
    return _middle(sorted(window)) if len(window) >= FIRST else start


def _seasons(
    values: Sequence[float], plain: Sequence[int], groups: Sequence[int], middle: float
) -> tuple[list[float], dict[int, float]]:
    """What the season adds to each value, and to each group: medians of what the others of its group are.

    A value says nothing of itself: otherwise groups of two or three would fit anything.
    """
    if not groups:
        return [0.0] * len(values), {}
    members: dict[int, list[float]] = {}
    for number in plain:
        insort(members.setdefault(groups[number], []), values[number])
    inside = set(plain)
    added = []
    for number, value in enumerate(values):
        others = members.get(groups[number], [])
        added.append(_without(others, value if number in inside else None, middle) - middle)
    return added, {group: _middle(of) - middle for group, of in members.items() if len(of) > 1}


def _without(ordered: list[float], value: float | None, otherwise: float) -> float:
    """The median of values in order, one of them left out."""
    if value is None:
        return _middle(ordered) if ordered else otherwise
    left = len(ordered) - 1
    if left < 1:
        return otherwise
    at = bisect_left(ordered, value)
    upper = left // 2
    high = ordered[upper + (upper >= at)]
    if left % 2:
        return high
    return (ordered[upper - 1 + (upper - 1 >= at)] + high) / 2


def _middle(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _errors(rest: Sequence[float], plain: set[int], start: float) -> list[float]:
    """Each value against the median of those right before it."""
    if min(rest) == max(rest):
        return [0.0] * len(rest)
    window: list[float] = []  # in the order of time
    ordered: list[float] = []
    errors: list[float] = []
    level = start
    for number, value in enumerate(rest):
        errors.append(value - level)
        if number not in plain:
            continue
        window.append(value)
        insort(ordered, value)
        if len(window) > BEFORE:
            del ordered[bisect_left(ordered, window.pop(0))]
        if len(window) >= FIRST:
            level = _middle(ordered)
    return errors
