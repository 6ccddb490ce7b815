"""Tells what datasets cost, in seconds of the warehouse: builds and checks that were recorded of late.

Whatever was built counts, for readers or not: a branch's environment and a release that was refused took time as well.
A build's time includes the checks that look at its dataset alone. One that looks at several is asked beside them: its
time is divided among them, and comes on top.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.rows.sight import datasets_behind
from dryland.state.store import State
from dryland.values import dataclass

DAYS = 30
LISTED_MAX = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """What one dataset took."""

    builds: int = 0
    build_s: float = 0.0  # with the checks of this dataset alone
    check_s: float = 0.0  # all its checks
    shared_s: float = 0.0  # its part of checks that look at others, too

    @property
    def total_s(self) -> float:
        """Builds, and what was asked beside them."""
        return self.build_s + self.shared_s


def costs_of(state: State, catalogue: Catalogue, now: datetime) -> Mapping[str, Cost]:
    """By dataset, what it took in the last days; two queries, once for each catalogue."""
    return catalogue.once("costs", lambda: _costs(state, catalogue, now - timedelta(days=DAYS)))


def dearest(costs: Mapping[str, Cost]) -> list[tuple[str, Cost, float]]:
    """Those that took most, each with its share of all that was spent."""
    whole = sum(cost.total_s for cost in costs.values())
    ranked = sorted(costs.items(), key=lambda each: (-each[1].total_s, each[0]))
    return [(uid, cost, cost.total_s / whole) for uid, cost in ranked[:LISTED_MAX] if cost.total_s > 0]


def _costs(state: State, catalogue: Catalogue, since: datetime) -> Mapping[str, Cost]:
    with state.together():
        built, checked = state.built_since(since), state.checked_since(since)
    costs = {uid: Cost(spent.times, spent.seconds) for uid, spent in built.items() if uid in catalogue.datasets}
    behind = datasets_behind(catalogue)
    for check, spent in checked.items():
        asked = behind.get(check, ())
        for dataset, _ in asked:
            before, part = costs.get(dataset.unique_id, Cost()), spent.seconds / len(asked)
            shared = part if len(asked) > 1 else 0.0
            costs[dataset.unique_id] = replace(
                before, check_s=before.check_s + part, shared_s=before.shared_s + shared
            )  # fmt: skip
    return costs
