"""Composes the request for checks of what readers see now, without building or publishing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from dryland.check.remembered import holds
from dryland.check.request import CheckRequest
from dryland.engines.protocol import Engine
from dryland.engines.relation import Column, Relation
from dryland.project.nodes import Check
from dryland.project.project import Project
from dryland.state.records import Build, Pointer, verdict_id
from dryland.state.store import State
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Live:
    """What readers of an environment see, and where."""

    project: Project
    engine: Engine
    state: State
    environment: str
    pointers: Mapping[str, Pointer]
    source_columns: Callable[[], Mapping[str, tuple[Column, ...]]]
    check_hashes: Mapping[str, str]

    def builds(self) -> dict[str, Build]:
        """The build that each node shows."""
        known = self.state.builds({pointer.build_key for pointer in self.pointers.values()})
        return {node: known[pointer.build_key] for node, pointer in self.pointers.items()}

    def relations(self, builds: Mapping[str, Build]) -> dict[str, Relation]:
        """Where sources and these builds are."""
        database, store = self.engine.database, self.project.settings.store_schema
        sources = {uid: source.relation for uid, source in self.project.sources.items()}
        return sources | {node: Relation(database, store, build.relation) for node, build in builds.items()}


def live_request(live: Live, chosen: Iterable[str] | None, *, again: bool = False) -> CheckRequest:
    """Every check whose inputs are all there, only those `chosen` if told, and where they are.

    Tables do not change, nor do views of them, and what was said of both is remembered unless all is to be asked
    `again`; sources, and views of these, show other rows tomorrow.
    """
    project, engine, state, builds = live.project, live.engine, live.state, live.builds()
    relations = live.relations(builds)
    keys = {uid: uid for uid in project.sources} | {node: build.key for node, build in builds.items()}
    checks = _wanted(project, frozenset(relations), chosen)
    hashes = {check.unique_id: live.check_hashes[check.unique_id] for check in checks}
    fixed = frozenset(node for node, build in builds.items() if build.is_fixed)
    ids = {
        check.unique_id: verdict_id(hashes[check.unique_id], [keys[ref] for ref in check.refs])
        for check in checks
        if not again and fixed.issuperset(check.refs)
    }
    cached = state.verdicts(ids.values())
    request = CheckRequest(
        project, engine, checks, relations, keys, _columns(builds), hashes, cached, environment=live.environment
    )
    asked = [check for check in checks if not holds(check, cached.get(ids.get(check.unique_id, "")))]
    return _to_be_asked(request, asked, live, builds) if asked else request


def _to_be_asked(
    request: CheckRequest, checks: Sequence[Check], live: Live, builds: Mapping[str, Build]
) -> CheckRequest:  # fmt: skip
    """The request with all that asking these checks takes."""
    from dryland.build.earlier import before, earlier_profiles

    project, state = live.project, live.state
    earlier = earlier_profiles(checks, state, live.environment, project.settings.default_environment)
    tables = frozenset(node for node, build in builds.items() if build.kind == "table")
    stored = tables | _stored_sources(project, live.engine, {ref for check in checks for ref in check.refs})
    columns = {**live.source_columns(), **request.columns}
    return replace(request, columns=columns, stored=stored, history=before(earlier, request.builds))


def _columns(builds: Mapping[str, Build]) -> dict[str, tuple[Column, ...]]:
    return {node: tuple(Column(name, kind) for name, kind in build.columns) for node, build in builds.items()}


def _wanted(project: Project, there: frozenset[str], chosen: Iterable[str] | None) -> tuple[Check, ...]:
    """The checks of what is there, only those `chosen` if told."""
    found = (check for check in project.checks.values() if there.issuperset(check.refs))
    if chosen is None:
        return tuple(found)
    wanted = frozenset(chosen)
    return tuple(check for check in found if check.unique_id in wanted)


def _stored_sources(project: Project, engine: Engine, read: Iterable[str]) -> frozenset[str]:
    """Those of the sources that are tables: of a view the warehouse has no statistics."""
    sources = {uid: project.sources[uid].relation for uid in read if uid in project.sources}
    places = {(each.database, each.schema) for each in sources.values() if not each.expression}
    found = engine.list_relations(sorted(places)) if places else ()
    tables = {each.relation.folded for each in found if each.kind == "table"}
    return frozenset(uid for uid, relation in sources.items() if not relation.expression and relation.folded in tables)
