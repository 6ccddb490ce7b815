"""Sums up how a project's datasets are looked after: by layer, in all, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dryland.health.dataset import FACTS, Dataset, Fact
from dryland.health.risk import Step, score_of, steps_of
from dryland.values import dataclass

ORDER = {"sources": 0, "seeds": 1, "staging": 2, "base": 2, "intermediate": 3, "snapshots": 8}
LATER = 5  # what other folders are: after staging, before snapshots


@dataclass(frozen=True, slots=True)
class Share:
    """How many have something, of those that should."""

    have: int
    of: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None where nobody should."""
        return self.have / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Layer:
    """The datasets of one folder, or of one kind."""

    name: str
    datasets: int
    checks: int
    shares: Mapping[Fact, Share]


@dataclass(frozen=True, slots=True)
class Health:
    """How a project's datasets are looked after."""

    score: int
    datasets: tuple[Dataset, ...]
    layers: tuple[Layer, ...]
    whole: Layer
    steps: tuple[Step, ...]

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "score": self.score,
            "layers": [_layer_json(each) for each in (*self.layers, self.whole)],
            "datasets": [{**asdict(each), "missing": list(each.missing)} for each in self.datasets],
            "steps": [asdict(each) for each in self.steps],
        }


def health_of(datasets: tuple[Dataset, ...]) -> Health:
    """Sum up."""
    names = sorted({each.layer for each in datasets}, key=lambda name: (ORDER.get(name, LATER), name))
    layers = tuple(_layer(name, tuple(each for each in datasets if each.layer == name)) for name in names)
    return Health(score_of(datasets), datasets, layers, _layer("all", datasets), steps_of(datasets))


def _layer(name: str, datasets: tuple[Dataset, ...]) -> Layer:
    shares = {fact: _share(fact, datasets) for fact in FACTS}
    return Layer(name, len(datasets), sum(each.checks for each in datasets), shares)


def _share(fact: Fact, datasets: tuple[Dataset, ...]) -> Share:
    asked = [each.has[fact] for each in datasets if fact in each.has]
    return Share(sum(asked), len(asked))


def _layer_json(layer: Layer) -> dict[str, Any]:
    shares = {fact: {"have": each.have, "of": each.of} for fact, each in layer.shares.items()}
    return {"layer": layer.name, "datasets": layer.datasets, "checks": layer.checks, "shares": shares}
