"""Tells of each dataset what it should have, and what of that it has: owner, description, key, checks and so on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from dryland.diff.keys import promised_keys
from dryland.health.dataset import Dataset, Fact, Standing
from dryland.plan.order import reach, readers_of
from dryland.project.contracts import has_contract
from dryland.project.nodes import Check, Node, Place, Source
from dryland.project.project import Project

FRESH = ("freshness", "recency", "recent_data")  # in names of checks that ask for it
LAYERS = {"seed": "seeds", "snapshot": "snapshots"}


def datasets(project: Project, standings: Mapping[str, Standing], only: Iterable[str]) -> tuple[Dataset, ...]:
    """The datasets of these ids, in the order of the project; ephemeral models are none, a source may be a seed."""
    known = _Known(project, standings)
    wanted = {project.sources[each].stands_for if each in project.sources else each for each in only}
    sources = (known.source(each) for uid, each in project.sources.items() if uid in wanted)
    nodes = (
        known.node(each) for uid, each in project.nodes.items() if uid in wanted and each.materialized != "ephemeral"
    )
    return (*sources, *nodes)


@dataclass
class _Known:
    """A project, with what is asked of it often worked out once."""

    project: Project
    standings: Mapping[str, Standing]
    _fresh: dict[str, bool | None] = field(default_factory=dict)

    def source(self, source: Source) -> Dataset:
        has: dict[Fact, bool] = {
            "owner": bool(source.owner),
            "description": bool(source.description.strip()),
            "checks": bool(self._checks_of(source.unique_id)),
            "freshness": bool(self._is_fresh(source.unique_id)),
        }
        if self._has_key(source.unique_id):
            has["key"] = True
        name = f"{source.source_name}.{source.name}"
        return self._dataset(source.unique_id, name, "source", "sources", "", has, source.place)

    def node(self, node: Node) -> Dataset:
        described: tuple[Node | Source, ...] = (node, *self.project.sources_of_seed(node.unique_id))
        has: dict[Fact, bool] = {
            "owner": bool(node.group) or any(each.owner for each in described),
            "description": any(each.description.strip() for each in described),
            "key": self._has_key(node.unique_id),
            "checks": bool(self._checks_of(node.unique_id)),
        }
        fresh = self._is_fresh(node.unique_id)
        if fresh is not None:
            has["freshness"] = fresh
        is_held = has_contract(node) or node.unique_id in self.project.contracted
        if is_held or (node.kind == "model" and self._is_relied_on(node)):
            has["contract"] = is_held
        name = self.project.name_of(node.unique_id)
        place = node.patch or Place((PurePosixPath(node.place.path).parent / f"{node.name}.yml").as_posix())
        return self._dataset(node.unique_id, name, node.kind, layer_of(node), folder_of(node), has, place)

    def _dataset(
        self, unique_id: str, name: str, kind: str, layer: str, folder: str, has: Mapping[Fact, bool], place: Place
    ) -> Dataset:
        below = reach([unique_id], lambda each: self._readers.get(each, ()))
        exposures = {name for each in (unique_id, *below) for name in self._exposures.get(each, ())}
        return Dataset(
            unique_id, name, kind, layer, has, len(self._checks_of(unique_id)), len(below), len(exposures),
            self._told(unique_id), self.standings.get(unique_id, Standing()), folder,
            unique_id.split(".")[1] == self.project.name, f"{place.path}:{place.line}",
        )  # fmt: skip

    @cached_property
    def _readers(self) -> Mapping[str, tuple[str, ...]]:
        return readers_of(self.project)

    @cached_property
    def _exposures(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for exposure in self.project.exposures.values():
            for unique_id in self.project.models_behind(exposure.depends_on):
                found.setdefault(unique_id, []).append(exposure.unique_id)
        return found

    @cached_property
    def _checks(self) -> Mapping[str, list[Check]]:
        found: dict[str, list[Check]] = {}
        for check in self.project.checks.values():
            for unique_id in {check.node} if check.node else check.refs:
                found.setdefault(unique_id, []).append(check)
        return found

    def _checks_of(self, unique_id: str) -> list[Check]:
        """What is asked of it, or, by a query of the team's own, of it among others."""
        return self._checks.get(unique_id, [])

    def _has_key(self, unique_id: str) -> bool:
        own = (check for check in self._checks_of(unique_id) if check.node == unique_id)
        return any(promised_keys(self.project, unique_id, own))

    def _is_relied_on(self, node: Node) -> bool:
        """Whether somebody outside of the project may read it."""
        exported = {each.model for each in self.project.settings.exports}
        return node.access == "public" or node.unique_id in self._exposures or node.unique_id in exported

    def _told(self, unique_id: str) -> int:
        held = self.project.contracted.get(unique_id)
        return len({name for names in held[0].told.values() for name in names}) if held else 0

    def _is_fresh(self, unique_id: str) -> bool | None:
        """Whether somebody would notice that it stands still: by itself, or by all sources that it is made from.

        None where there is no source: what seeds make does not age.
        """
        if unique_id not in self._fresh:
            self._fresh[unique_id] = None  # of models that need each other there is nothing to say
            self._fresh[unique_id] = self._is_watched(unique_id)
        return self._fresh[unique_id]

    def _is_watched(self, unique_id: str) -> bool | None:
        if any(any(word in check.kind for word in FRESH) for check in self._checks_of(unique_id)):
            return True
        if source := self.project.sources.get(unique_id):
            return any(source.freshness.get(each) for each in ("warn_after", "error_after"))
        node = self.project.nodes.get(unique_id)
        above = [self._is_fresh(each) for each in node.depends_on] if node else []
        told = [each for each in above if each is not None]
        return all(told) if told else None


def layer_of(node: Node) -> str:
    """The folder below `models`, or what else a node is.

    >>> from dataclasses import replace
    >>> from dryland.engines.relation import Relation
    >>> fqn = ("shop", "marts", "core", "orders")
    >>> node = Node("", "model", "orders", "shop", Place(""), "sql", "", "", "table", Relation("", "", ""), fqn)
    >>> layer_of(node), layer_of(replace(node, fqn=("shop", "orders")))
    ('marts', 'models')
    """
    if node.kind != "model":
        return LAYERS[node.kind]
    return node.fqn[1] if len(node.fqn) > 2 else "models"


def folder_of(node: Node) -> str:
    """Where dbt_project.yml configures a node's layer."""
    section = LAYERS.get(node.kind, "models")
    return ": ".join((section, node.package, *node.fqn[1:2])) if len(node.fqn) > 2 else f"{section}: {node.package}"


def own(project: Project) -> Iterator[str]:
    """The datasets that the team itself writes: installed packages are looked after by somebody else."""
    yield from (uid for uid, source in project.sources.items() if source.package == project.name)
    yield from (uid for uid, node in project.nodes.items() if node.package == project.name)
