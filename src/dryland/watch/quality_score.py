"""Scores the quality of a dataset from 0 to 100: what checks say, whether it is fresh, and whether it is documented.

    score = 60 x checks + 25 x fresh + 15 x documented - 20 for an open incident, and never below 0

`checks` is the share of checks whose last verdict is good, those of severity error weighing three times as much as
those that warn; a dataset without checks has none that is good. `fresh` is 1, or 0 where readers see data that a
blocked refresh left behind. `documented` is the mean of three: an owner, a description, and the share of columns that
are described. docs/metrics.md says the same for people.
"""

from __future__ import annotations

from collections.abc import Iterable

from dryland.state.records import VerdictStatus
from dryland.values import dataclass

CHECKS, FRESH, DOCUMENTED, INCIDENT = 60, 25, 15, 20
HALF = 0.5  # a point: less is rounded to none
WEIGHTS = {"error": 3, "warn": 1}  # of checks by their severity


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a dataset that its score is made of."""

    checks: tuple[tuple[str, VerdictStatus], ...] = ()  # severity, and what it said last
    is_stale: bool = False
    has_owner: bool = False
    has_description: bool = False
    columns: int = 0
    columns_described: int = 0
    has_incident: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """A score, and its parts from 0 to 1."""

    value: int
    checks: float
    fresh: float
    documented: float
    has_incident: bool

    @property
    def parts(self) -> tuple[float, float, float]:
        """What it is made of, incidents aside."""
        return self.checks, self.fresh, self.documented

    @property
    def lost(self) -> dict[str, int]:
        """The points that are missing to 100, by what they are missing for."""
        parts = {
            "checks": CHECKS * (1 - self.checks), "fresh": FRESH * (1 - self.fresh),
            "documented": DOCUMENTED * (1 - self.documented), "incident": INCIDENT * self.has_incident,
        }  # fmt: skip
        return {name: round(points) for name, points in parts.items() if points >= HALF}


def score_of(seen: Seen) -> Score:
    """The score of one dataset.

    >>> score_of(Seen((("error", "pass"), ("warn", "warn")), has_owner=True, has_description=True, columns=2)).value
    80
    """
    checks = _share((WEIGHTS.get(severity, 1), status == "pass") for severity, status in seen.checks)
    fresh = 0.0 if seen.is_stale else 1.0
    described = seen.columns_described / seen.columns if seen.columns else 0.0
    documented = (seen.has_owner + seen.has_description + described) / 3
    points = points_of((checks, fresh, documented), has_incident=seen.has_incident)
    return Score(points, checks, fresh, documented, seen.has_incident)


def points_of(parts: tuple[float, float, float], *, has_incident: bool) -> int:
    """The score of these shares: of checks, of freshness and of documentation."""
    checks, fresh, documented = parts
    return round(max(CHECKS * checks + FRESH * fresh + DOCUMENTED * documented - INCIDENT * has_incident, 0.0))


def _share(weighed: Iterable[tuple[int, bool]]) -> float:
    found = list(weighed)
    total = sum(weight for weight, _ in found)
    return sum(weight for weight, is_good in found if is_good) / total if total else 0.0
