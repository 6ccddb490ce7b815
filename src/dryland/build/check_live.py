"""Composes the request for checks of what readers see now, without building or publishing anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dryland.check.hash import check_hash
from dryland.check.request import CheckRequest
from dryland.engines.protocol import Engine
from dryland.engines.relation import Column, Relation
from dryland.project.project import Project
from dryland.state.records import Build, Pointer


def live_request(
    project: Project,
    engine: Engine,
    pointers: Mapping[str, Pointer],
    builds: Mapping[str, Build],
    source_columns: Mapping[str, tuple[Column, ...]],
    chosen: Iterable[str] | None,
    environment: str,
) -> CheckRequest:
    """Every check whose inputs are all there, only those `chosen` if told, and where they are; none is remembered."""
    store = project.settings.store_schema
    relations = {uid: source.relation for uid, source in project.sources.items()}
    keys = {uid: uid for uid in project.sources}
    columns = dict(source_columns)
    for node, pointer in pointers.items():
        build = builds[pointer.build_key]
        relations[node] = Relation(engine.database, store, build.relation)
        keys[node] = build.key
        columns[node] = tuple(Column(name, kind) for name, kind in build.columns)
    wanted = None if chosen is None else frozenset(chosen)
    checks = tuple(
        check for check in project.checks.values()
        if frozenset(check.refs) <= relations.keys() and (wanted is None or check.unique_id in wanted)
    )  # fmt: skip
    hashes = {check.unique_id: check_hash(check, project, engine.dialect) for check in checks}
    stored = frozenset(node for node, pointer in pointers.items() if builds[pointer.build_key].kind == "table")
    return CheckRequest(
        project, engine, checks, relations, keys, columns, hashes, environment=environment, stored=stored
    )  # fmt: skip
