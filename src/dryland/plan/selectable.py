"""Lists what selectors choose from: nodes, sources, checks and exposures, as far as a selector looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dryland.project.nodes import Check, Node, Place
from dryland.project.project import Project


@dataclass(frozen=True, slots=True)
class Selectable:
    """A node, source, check or exposure, as far as selectors look at it."""

    unique_id: str
    kind: str  # model, seed, source, test, exposure
    name: str
    package: str
    paths: tuple[str, ...]  # the file it stands in, and that of its YAML properties
    fqn: tuple[str, ...]
    tags: tuple[str, ...]
    config: Mapping[str, Any]
    reads: tuple[str, ...] = ()
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What a selector is looked up in."""

    project: Project
    things: Mapping[str, Selectable]
    states: Mapping[str, frozenset[str]] = field(default_factory=dict)


def selectables(project: Project) -> dict[str, Selectable]:
    """Everything that a selector can name, by unique id."""
    found = [_of_node(node) for node in project.nodes.values()]
    found += [
        Selectable(
            s.unique_id, "source", s.name, s.package, _paths(s.place), s.fqn, s.tags, {"enabled": True, **s.config}
        )
        for s in project.sources.values()
    ]
    found += [_of_check(check) for check in project.checks.values()]
    found += [
        Selectable(e.unique_id, "exposure", e.name, e.package, _paths(e.place), e.fqn, e.tags, {}, e.depends_on)
        for e in project.exposures.values()
    ]
    return {thing.unique_id: thing for thing in found}


def _of_node(node: Node) -> Selectable:
    config = {"enabled": True, "access": node.access, "group": node.group, **node.config}
    config.update(materialized=node.materialized, tags=list(node.tags), meta=node.meta)
    paths = _paths(node.place, node.patch)
    return Selectable(
        node.unique_id, node.kind, node.name, node.package, paths, node.fqn, node.tags, config, node.depends_on, node
    )


def _of_check(check: Check) -> Selectable:
    config = {
        "enabled": True,
        "severity": check.severity, "warn_if": check.warn_if, "error_if": check.error_if, "where": check.where,
        "limit": check.limit, "store_failures": check.store_failures, "fail_calc": check.fail_calc,
        "tags": list(check.tags), "meta": check.meta,
    }  # fmt: skip
    paths = _paths(check.place)
    return Selectable(
        check.unique_id, "test", check.name, check.package, paths, check.fqn, check.tags, config, check.refs
    )


def _paths(*places: Place | None) -> tuple[str, ...]:
    return tuple(place.path for place in places if place is not None)
