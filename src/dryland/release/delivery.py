"""Delivers what follows a release: exports of what was published, then word to those who asked for it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from dryland.engines.protocol import Engine
from dryland.errors import WarehouseError
from dryland.project.project import Project
from dryland.release.export import write_export
from dryland.release.notify import notify
from dryland.release.outcome import Outcome
from dryland.state.records import Pointer
from dryland.timings import timed


@timed("deliveries")
def deliver(project: Project, engine: Engine, pointers: Mapping[str, Pointer], outcome: Outcome) -> tuple[str, ...]:
    """Run exports and notifications of the default environment; return a sentence for each.

    What readers see is already decided: an export that fails is told, and changes nothing of the release.
    """
    if outcome.environment != project.settings.default_environment:
        return ()
    said = [*_exports(project, engine, pointers, outcome)]
    said += [notify(each, outcome, project) for each in project.settings.notifications]
    return tuple(sentence for sentence in said if sentence)


def _exports(project: Project, engine: Engine, pointers: Mapping[str, Pointer], outcome: Outcome) -> list[str]:
    if outcome.release is None:
        return []
    said = []
    with engine.session() as session:
        for export in project.settings.exports:
            pointer = pointers.get(export.model)
            if pointer is None or pointer.stale_since:
                said.append(f"did not export {export.name}: {project.name_of(export.model)} is not fresh")
                continue
            database, schema, name = pointer.published
            table = exp.table_(name, db=schema, catalog=database, quoted=True)
            query = exp.select("*").from_(table).sql(dialect=engine.dialect)
            try:
                said.append(write_export(export, session, query, project.root))
            except WarehouseError as error:
                said.append(str(error))
    return said
