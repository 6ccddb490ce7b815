"""Tells what datasets cost, in seconds of the warehouse: builds and checks that were recorded of late.

Whatever was built counts, for readers or not: a branch's environment and a release that was refused took time as well.
A check that asks several datasets is divided among them, so that the sum over all is what was spent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dryland.portal.catalogue import Catalogue
from dryland.portal.sight import datasets_behind
from dryland.state.store import State

DAYS = 30
LISTED_MAX = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """What one dataset took."""

    builds: int = 0
    build_s: float = 0.0
    check_s: float = 0.0

    @property
    def total_s(self) -> float:
        """Builds and checks."""
        return self.build_s + self.check_s


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
    behind = datasets_behind(catalogue)
    check_s: dict[str, float] = {}
    for check, spent in checked.items():
        asked = behind.get(check, ())
        for dataset, _ in asked:
            check_s[dataset.unique_id] = check_s.get(dataset.unique_id, 0.0) + spent.seconds / len(asked)
    known = (uid for uid in catalogue.datasets if uid in built or uid in check_s)
    return {
        uid: Cost(built[uid].times if uid in built else 0, built[uid].seconds if uid in built else 0.0,
                  check_s.get(uid, 0.0))
        for uid in known
    }  # fmt: skip
