"""Defines what a team can say of monitors: of one kind, of one dataset, of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Any, Literal

from dryland.project.nodes import Place
from dryland.values import dataclass

MONITORS = "monitors"
KINDS = (
    "freshness", "volume", "nulls", "distinct", "mean", "quantiles", "categories", "schema", "duration",
    "cost",
)  # fmt: skip
ASKED = frozenset({"quantiles", "categories"})  # take a query of their own: they are on where somebody asks
SENSITIVITY = {"low": 6.0, "medium": 4.0, "high": 3.0}
"""Word -> how wide bounds are; `medium` is as without a word, what is more sensitive has narrower ones."""

Direction = Literal["both", "low", "high"]
Severity = Literal["warn", "error"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is said of one kind of monitor; what is None is left to the monitor."""

    is_on: bool | None = None
    sensitivity: float | None = None  # how wide bounds are: 4 as without a word, less is narrower
    direction: Direction | None = None
    severity: Severity | None = None
    min_change_share: float | None = None  # of the usual value: less is no matter
    min_change: float | None = None  # in the monitor's own numbers
    low: float | None = None  # a bound that is given, and not learned
    high: float | None = None
    max_change: float | None = None  # share by which it may differ from the observation before
    warm_up: int | None = None  # observations
    columns: tuple[str, ...] | None = None  # None: every column
    column: str = ""  # of freshness: when rows came
    segments: tuple[str, ...] = ()  # of volume: columns whose values are counted apart

    @property
    def is_fixed(self) -> bool:
        """Whether the team has given bounds, so that none are learned."""
        return self.low is not None or self.high is not None or self.max_change is not None

    def over(self, other: Rule) -> Rule:
        """This, and what the other says where this says nothing."""
        if self.is_fixed:  # bounds belong together
            other = Rule(**{**_fields(other), "low": None, "high": None, "max_change": None})
        nothing = Rule()
        said = {key: value for key, value in _fields(self).items() if value != getattr(nothing, key)}
        return Rule(**{**_fields(other), **said})


NO_RULE = Rule()


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that a query of the team's gives."""

    name: str
    sql: str  # `{table}` stands for the dataset
    place: Place
    rule: Rule = field(default_factory=Rule)


@dataclass(frozen=True, slots=True)
class Monitors:
    """What is said of the monitors of one dataset, or of all."""

    is_on: bool | None = None
    rules: Mapping[str, Rule] = field(default_factory=dict)  # by kind
    metrics: tuple[Metric, ...] = ()
    holidays: frozenset[date] = frozenset()
    countries: frozenset[str] = frozenset()  # whose public holidays count: `US`, `DE-BY`
    sensitivity: float | None = None

    def rule(self, kind: str) -> Rule:
        """What is said of a kind."""
        rule = self.rules.get(kind, NO_RULE)
        if self.sensitivity is None:
            return rule
        return Rule(sensitivity=self.sensitivity).over(rule) if rule.sensitivity is None else rule

    def over(self, other: Monitors) -> Monitors:
        """This of a dataset, and the other of all of them where this says nothing."""
        kinds = dict.fromkeys((*other.rules, *self.rules))
        return Monitors(
            other.is_on if self.is_on is None else self.is_on,
            {kind: self.rules.get(kind, Rule()).over(other.rules.get(kind, Rule())) for kind in kinds},
            (*self.metrics, *other.metrics),
            self.holidays | other.holidays,
            self.countries | other.countries,
            other.sensitivity if self.sensitivity is None else self.sensitivity,
        )


NOTHING_SAID = Monitors()


def _fields(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in Rule.__slots__}
