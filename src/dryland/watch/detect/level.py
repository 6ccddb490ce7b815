"""Fits a level and a season to a history, and says by how much each observation missed what was known before it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from dryland.watch.detect.calendar import Special
from dryland.watch.detect.numbers import median, quantile

BEFORE = 14  # observations whose median is the level
FIRST = 5  # observations without a level of their own
MISSED = 0.9  # the size of an error that this share of them keeps below


@dataclass(frozen=True, slots=True)
class Fitted:
    """A level with a season."""

    centre: float  # what the next observation should be
    errors: list[float]  # of each observation against what those before it let one expect
    specials: Sequence[Special]  # what day each was
    misses: float  # how large errors are
    is_seasonal: bool = False


def fitted(
    values: Sequence[float],
    specials: Sequence[Special],
    groups: Sequence[Hashable] = (),
    group: Hashable = None,
) -> Fitted:
    """Fit values without their trend; `groups` are the seasons of the values, `group` that of the next one."""
    plain = [number for number, special in enumerate(specials) if not special]
    if len(plain) < FIRST:  # nothing but special days: they are what is usual
        plain = list(range(len(values)))
    middle = median([values[number] for number in plain])
    seasonal, own, is_seasonal = _seasons(values, plain, groups, group, middle)
    rest = [value - offset for value, offset in zip(values, seasonal, strict=True)]
    errors, level = _errors(rest, set(plain))
    misses = quantile(sorted(abs(errors[number]) for number in plain), MISSED)
    return Fitted(level + own, errors, specials, misses, is_seasonal)


def _seasons(
    values: Sequence[float], plain: Sequence[int], groups: Sequence[Hashable], group: Hashable, middle: float
) -> tuple[list[float], float, bool]:
    """What the season adds to each value, and to the next one: medians of what the others of its group are.

    A value says nothing of itself: otherwise groups of two or three would fit anything.
    """
    if not groups:
        return [0.0] * len(values), 0.0, False
    members: dict[Hashable, list[float]] = {}
    for number in plain:
        insort(members.setdefault(groups[number], []), values[number])
    inside = set(plain)
    offsets = []
    for number, value in enumerate(values):
        others = members.get(groups[number], [])
        offsets.append(_without(others, value if number in inside else None, middle) - middle)
    next_one = members.get(group, [])
    return offsets, (_middle(next_one) - middle if len(next_one) > 1 else 0.0), len(next_one) > 1


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


def _errors(rest: Sequence[float], plain: set[int]) -> tuple[list[float], float]:
    """Each value against the median of those right before it, and the level after all of them."""
    start = median([rest[number] for number in sorted(plain)[:FIRST]])
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
    return errors, level
