"""Defines what is looked at of a dataset: what it should have and has, who reads it, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from dryland.values import dataclass

Fact = Literal["owner", "description", "key", "checks", "freshness", "contract"]
FACTS: tuple[Fact, ...] = ("owner", "description", "key", "checks", "freshness", "contract")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a dataset stands in an environment."""

    is_released: bool = True
    failing: tuple[str, ...] = ()  # names of checks whose last verdict on what is live says no
    warned: tuple[str, ...] = ()
    stale_since: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A model, seed, snapshot or table of a source."""

    unique_id: str
    name: str
    kind: str
    layer: str  # the folder of models, or what else it is
    has: Mapping[Fact, bool]  # only what it should have: nobody wants freshness of a seed
    checks: int = 0
    nodes_below: int = 0  # that read it, directly or not
    exposures: int = 0
    told: int = 0  # readers that its contract names
    standing: Standing = field(default_factory=Standing)
    folder: str = ""  # where dbt_project.yml configures its layer: `models: shop: marts`
    is_own: bool = True  # and of no installed package, in which nothing is written
    place: str = ""  # path:line of what describes it, or of where that would go

    @property
    def missing(self) -> tuple[Fact, ...]:
        """What it should have and does not."""
        return tuple(fact for fact in FACTS if self.has.get(fact) is False)
