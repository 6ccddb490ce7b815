"""Composes the request for checks of what readers see now, without building or publishing anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dryland.build.earlier import before, earlier_profiles
from dryland.check.request import CheckRequest
from dryland.digest import digest
from dryland.engines.protocol import Engine
from dryland.engines.relation import Column, Relation
from dryland.project.nodes import Check
from dryland.project.project import Project
from dryland.state.records import Pointer
from dryland.state.store import State


def live_request(
    project: Project,
    engine: Engine,
    state: State,
    pointers: Mapping[str, Pointer],
    source_columns: Mapping[str, tuple[Column, ...]],
    check_hashes: Mapping[str, str],
    chosen: Iterable[str] | None,
    environment: str,
    *,
    again: bool = False,
) -> CheckRequest:
    """Every check whose inputs are all there, only those `chosen` if told, and where they are.

    Tables do not change, and what was said of them is remembered unless all is to be asked `again`; views and sources
    show other rows tomorrow.
    """
    store = project.settings.store_schema
    builds = state.builds({pointer.build_key for pointer in pointers.values()})
    relations = {uid: source.relation for uid, source in project.sources.items()}
    keys = {uid: uid for uid in project.sources}
    columns = dict(source_columns)
    for node, pointer in pointers.items():
        build = builds[pointer.build_key]
        relations[node] = Relation(engine.database, store, build.relation)
        keys[node] = build.key
        columns[node] = tuple(Column(name, kind) for name, kind in build.columns)
    checks = _wanted(project, frozenset(relations), chosen)
    hashes = {check.unique_id: check_hashes[check.unique_id] for check in checks}
    built = frozenset(node for node, pointer in pointers.items() if builds[pointer.build_key].kind == "table")
    stored = built | _stored_sources(project, engine, {ref for check in checks for ref in check.refs})
    still = (check for check in checks if not again and built.issuperset(check.refs))
    cached = state.verdicts(digest([hashes[each.unique_id], [keys[ref] for ref in each.refs]]) for each in still)
    earlier = earlier_profiles(checks, state, environment, project.settings.default_environment)
    return CheckRequest(
        project, engine, checks, relations, keys, columns, hashes, cached, environment=environment, stored=stored,
        history=before(earlier, keys),
    )  # fmt: skip


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
