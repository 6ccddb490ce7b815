"""Lists what selectors choose from: everything that a project has, as far as a selector looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from dryland.plan.choice import NOTHING_KNOWN, Known
from dryland.project.nodes import Check, Node, Place
from dryland.project.project import Project
from dryland.project.unit_test import UnitTest
from dryland.project.uses import Semantic
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Selectable:
    """A node, source, check or any other thing, as far as selectors look at it."""

    unique_id: str
    kind: str  # one of `selector.RESOURCE_TYPES`
    name: str
    package: str
    paths: tuple[str, ...]  # the file it stands in, and that of its YAML properties, as its own package knows them
    fqn: tuple[str, ...]
    tags: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)  # what was said; dbt's defaults are added when it is asked
    reads: tuple[str, ...] = ()
    group: str = ""
    node: Node | None = None
    is_own: bool = True  # whether it stands in the project itself, not in a package


@dataclass(frozen=True, slots=True)
class Selection:
    """What a selector is looked up in."""

    project: Project
    things: Mapping[str, Selectable]
    known: Known = NOTHING_KNOWN


def selectables(project: Project) -> dict[str, Selectable]:
    """Everything that a selector can name, by unique id."""
    return {thing.unique_id: _within(thing, project.package_folders) for thing in _all(project)}


def _all(project: Project) -> Iterator[Selectable]:
    yield from (_of_node(node) for node in project.nodes.values())
    for s in project.sources.values():
        config = {**s.config, "tags": list(s.tags), "meta": s.meta}
        yield Selectable(s.unique_id, "source", s.name, s.package, _paths(s.place), s.fqn, s.tags, config)
    yield from (_of_check(check) for check in project.checks.values())
    yield from (_of_unit_test(test) for test in project.unit_tests.values())
    for e in project.exposures.values():
        yield Selectable(e.unique_id, "exposure", e.name, e.package, _paths(e.place), e.fqn, e.tags, {}, e.depends_on)
    yield from (_of_semantic(each) for each in project.semantics.values())
    for a in project.analyses.values():
        yield Selectable(
            a.unique_id, "analysis", a.name, a.package, _paths(a.place), a.fqn, a.tags, a.config, a.depends_on
        )  # fmt: skip


def _of_node(node: Node) -> Selectable:
    config = {**node.config, "group": node.group or None, "materialized": node.materialized}
    config.update({"tags": list(node.tags), "meta": node.meta})
    if node.kind == "model":
        config["access"] = node.access
    paths = _paths(node.place, node.patch)
    return Selectable(
        node.unique_id, node.kind, node.name, node.package, paths, node.fqn, node.tags, config, node.refers_to,
        node.group, node,
    )  # fmt: skip


def _of_check(check: Check) -> Selectable:
    config = {
        **check.config,
        "severity": check.severity, "warn_if": check.warn_if, "error_if": check.error_if, "where": check.where or None,
        "limit": check.limit, "fail_calc": check.fail_calc, "tags": list(check.tags), "meta": check.meta,
    }  # fmt: skip
    asked = (*check.rendered.refs, *check.rendered.sources) if check.rendered else check.refs
    reads = check.refers_to or tuple(dict.fromkeys(each for each in (check.node, *asked) if each))
    group = str(check.config.get("group") or "")
    return Selectable(
        check.unique_id, "test", check.name, check.package, _paths(check.place), check.fqn, check.tags, config, reads,
        group,
    )  # fmt: skip


def _of_unit_test(test: UnitTest) -> Selectable:
    return Selectable(
        test.unique_id, "unit_test", test.name, test.package, _paths(test.place), test.fqn, test.tags, {},
        (test.model,),
    )  # fmt: skip


def _of_semantic(each: Semantic) -> Selectable:
    return Selectable(
        each.unique_id, each.kind, each.name, each.package, _paths(each.place), each.fqn, each.tags, {},
        each.depends_on, each.group if each.kind == "metric" else "",
    )  # fmt: skip


def _paths(*places: Place | None) -> tuple[str, ...]:
    return tuple(place.path for place in places if place is not None)


def _within(thing: Selectable, prefixes: Mapping[str, str]) -> Selectable:
    """With its paths as its own package knows them: dbt's paths are those."""
    prefix = prefixes.get(thing.package, "")
    own = tuple(path.removeprefix(prefix) for path in thing.paths)
    return replace(thing, paths=own, is_own=not prefix)
