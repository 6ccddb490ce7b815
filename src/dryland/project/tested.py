"""Says what a data test looks at: a table, or the CTE of an ephemeral model, either under a `where`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from dryland.engines.relation import Relation
from dryland.project.jinja.cte import CteValue, cte_name
from dryland.project.jinja.relation import RelationValue
from dryland.project.nodes import Node, Place, Source
from dryland.project.properties import Patch
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Tested:
    """What tests of a YAML entry are attached to."""

    unique_id: str
    name: str  # as it stands in dbt's names of tests
    relation: Relation | str  # the CTE's name for an ephemeral model
    package: str
    fqn: tuple[str, ...]  # what those of its tests start with: the package, and the folders of the YAML
    place: Place
    prefix: str = ""  # "source_" for sources

    def seen(self, where: Any) -> Any:
        """What a test's macro gets as its `model`."""
        value = CteValue if isinstance(self.relation, str) else RelationValue
        model = value(self.relation, self.unique_id)  # type: ignore[arg-type]
        return Filtered(model, str(where)) if where else model

    @classmethod
    def node(cls, node: Node, patch: Patch, prefixes: Mapping[str, str]) -> Tested:
        """A model or seed as an entry of YAML describes it; its tests belong to the package of that.

        `prefixes` are what the paths of packages' files start with.
        """
        relation = cte_name(node.relation) if node.materialized == "ephemeral" else node.relation
        name = f"{node.name}_v{node.version.replace('.', '_')}" if node.version else node.name
        package = patch.package or node.package
        return cls(node.unique_id, name, relation, package, _fqn(package, patch.place, prefixes), patch.place)

    @classmethod
    def alone(cls, node: Node) -> Tested:
        """A model or seed of which no YAML speaks."""
        relation = cte_name(node.relation) if node.materialized == "ephemeral" else node.relation
        return cls(node.unique_id, node.name, relation, node.package, node.fqn, node.place)

    @classmethod
    def source(cls, source: Source, prefixes: Mapping[str, str]) -> Tested:
        """A table of a source."""
        name = f"{source.source_name}_{source.name}"
        fqn = _fqn(source.package, source.place, prefixes)
        return cls(source.unique_id, name, source.relation, source.package, fqn, source.place, "source_")


def _fqn(package: str, place: Place, prefixes: Mapping[str, str]) -> tuple[str, ...]:
    """Of a file in `models/marts` the package and `marts`: dbt knows tests by where they are written, not by whom."""
    return package, *PurePosixPath(place.path.removeprefix(prefixes.get(package, ""))).parts[1:-1]


class Filtered:
    """A model under a test's `where`: prints as dbt's subquery."""

    def __init__(self, model: RelationValue | CteValue, where: str) -> None:
        self._model = model
        self._where = where

    def __str__(self) -> str:
        return f"(select * from {self._model} where {self._where}) dbt_subquery"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._model, name)
