"""Measures how far a distribution moved, from shares of two sides."""

from __future__ import annotations

import math
from collections.abc import Sequence


def population_stability(before: Sequence[int], after: Sequence[int]) -> float:
    """The population stability index of counts by bin; below 0.1 is usually taken as stable, above 0.25 as a shift.

    The sum of (q - p) ln(q / p) over bins, as credit scoring uses it (N. Siddiqi, Credit Risk Scorecards, 2006); it is
    the divergence of H. Jeffreys (1946). An empty bin counts as half a row, for the logarithm has no answer to none.

    >>> round(population_stability([50, 50], [50, 50]), 3), round(population_stability([50, 50], [90, 10]), 3)
    (0.0, 0.879)
    """
    rows_before, rows_after = sum(before), sum(after)
    if not rows_before or not rows_after:
        return 0.0
    found = 0.0
    for ours, theirs in zip(before, after, strict=True):
        if ours or theirs:
            p, q = max(ours, 0.5) / rows_before, max(theirs, 0.5) / rows_after
            found += (q - p) * math.log(q / p)
    return found


def jensen_shannon(surprise: float) -> float:
    """The Jensen-Shannon distance: 0 when shares are equal, 1 when no category is on both sides.

    `surprise` is the sum, over categories with the shares p and q, of p ln(2p / (p + q)) + q ln(2q / (p + q)). Half of
    it, in base 2, is the divergence of J. Lin (1991); its square root is a metric, as D. Endres and J. Schindelin
    (2003) showed.

    >>> jensen_shannon(2 * math.log(2)), jensen_shannon(0.0)
    (1.0, 0.0)
    """
    return math.sqrt(min(max(surprise / 2 / math.log(2), 0.0), 1.0))
