"""Measures how far a distribution is from those before it, from quantiles or from shares of categories."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from dryland.diff.statistics import jensen_shannon, population_stability
from dryland.watch.detect.numbers import median

OF = 10_000  # rows that shares are counted in, for indexes that take counts


def usual_quantiles(before: Sequence[Sequence[float]]) -> list[float]:
    """The median of each quantile."""
    length = min(map(len, before))
    return sorted(median([each[at] for each in before]) for at in range(length))


def usual_shares(before: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean share of each category that was ever there."""
    names = dict.fromkeys(name for each in before for name in each)
    return {name: sum(each.get(name, 0.0) for each in before) / len(before) for name in names}


def psi_of_quantiles(before: Sequence[float], now: Sequence[float]) -> float:
    """The population stability index over the bins that the quantiles before cut, each with the same share then.

    >>> psi_of_quantiles([1, 2, 3], [1, 2, 3]) < 0.001 < psi_of_quantiles([1, 2, 3], [2.5, 3, 3.5])
    True
    """
    edges = sorted(set(before))
    reached_before = [0.0, *(_reached(edge, before) for edge in edges), 1.0]
    reached = [0.0, *(_reached(edge, sorted(now)) for edge in edges), 1.0]
    return population_stability(_counts(reached_before), _counts(reached))


def jensen_shannon_of(before: Mapping[str, float], now: Mapping[str, float]) -> float:
    """The Jensen-Shannon distance of shares: 0 for equal ones, 1 when no category is in both.

    >>> jensen_shannon_of({"a": 1.0}, {"a": 1.0}), jensen_shannon_of({"a": 1.0}, {"b": 1.0})
    (0.0, 1.0)
    """
    surprise = 0.0
    for name in {**before, **now}:
        p, q = before.get(name, 0.0), now.get(name, 0.0)
        surprise += sum(one * math.log(2 * one / (p + q)) for one in (p, q) if one > 0)
    return jensen_shannon(surprise)


def _counts(reached: Sequence[float]) -> list[int]:
    return [round(OF * (later - earlier)) for earlier, later in itertools.pairwise(reached)]


def _reached(edge: float, quantiles: Sequence[float]) -> float:
    """The share of values up to an edge, by quantiles that cut them into equal parts; straight in between."""
    parts = len(quantiles) + 1
    at = bisect_right(quantiles, edge)
    if at == 0:  # nobody knows how far the first part reaches: as far as the second one
        step = quantiles[1] - quantiles[0] if len(quantiles) > 1 else 0.0
        return max(0.0, 1 - (quantiles[0] - edge) / step) / parts if step > 0 else 0.0
    if at == len(quantiles):
        step = quantiles[-1] - quantiles[-2] if len(quantiles) > 1 else 0.0
        return min(1.0, (at + ((edge - quantiles[-1]) / step if step > 0 else edge > quantiles[-1])) / parts)
    low, high = quantiles[at - 1], quantiles[at]
    return (at + (edge - low) / (high - low)) / parts
