"""Compares what readers see in an environment on two warehouses, node by node and row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from dryland.check.offenders import persons_columns
from dryland.diff.compare import compare
from dryland.diff.difference import Comparison, TableDifference
from dryland.diff.keys import key_of
from dryland.diff.places import Options
from dryland.diff.side import Side
from dryland.diff.standing import Standing
from dryland.engines.protocol import Engine
from dryland.engines.relation import Column, Relation
from dryland.errors import WarehouseError
from dryland.plan.order import topological
from dryland.project.project import Project
from dryland.state.records import Build
from dryland.state.store import State
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """What an environment shows on one warehouse."""

    standing: Standing
    engine: Engine
    builds: Mapping[str, Build]  # by node
    columns: Mapping[str, tuple[Column, ...]]
    relations: Mapping[str, Relation]


def shown_on(engine: Engine, state: State, standing: Standing, store_schema: str) -> Shown:
    """Where the builds are that an environment shows, and their columns: two queries in all."""
    builds = state.builds(standing.builds.values())
    there = {node: builds[key] for node, key in standing.builds.items() if key in builds}
    relations = {
        node: Relation(engine.database, store_schema, build.relation)
        for node, build in there.items() if build.kind != "nothing"
    }  # fmt: skip
    found = engine.columns(relations.values())
    columns = {node: found[relation] for node, relation in relations.items() if relation in found}
    return Shown(standing, engine, there, columns, relations)


def compare_warehouses(
    project: Project, here: Shown, there: Shown, options: Options, only: Collection[str] | None = None
) -> Comparison:
    """Every node that either shows, each after what it reads."""
    either = {*here.standing.builds, *there.standing.builds}
    nodes = [*(node for node in topological(project) if node in either), *sorted(either - project.nodes.keys())]
    chosen = [node for node in nodes if only is None or node in only]
    tables = tuple(_node(project, here, there, options, node) for node in chosen)
    return Comparison(here.standing.label, there.standing.label, tables, _types(here, there, chosen))


def _types(here: Shown, there: Shown, nodes: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """What the types of columns here are called there, each pair once."""
    found: set[tuple[str, str]] = set()
    for node in nodes:
        theirs = {column.name.lower(): column.type for column in there.columns.get(node, ())}
        ours = here.columns.get(node, ())
        found |= {(each.type, theirs[each.name.lower()]) for each in ours if each.name.lower() in theirs}
    return tuple(sorted(found))


def _node(project: Project, here: Shown, there: Shown, options: Options, node: str) -> TableDifference:
    name = project.name_of(node) if node in project.nodes else node.rpartition(".")[2]
    missing = [node not in each.standing.builds for each in (here, there)]
    if any(missing):
        return TableDifference(name, "added" if missing[0] else "removed")
    if any(node not in each.columns for each in (here, there)):
        return TableDifference(name, "unknown", "its table is gone")
    with here.engine.session() as ours, there.engine.session() as theirs:
        sides = [
            Side(session, each.relations[node], each.columns[node], each.engine.dialect)
            for session, each in ((ours, here), (theirs, there))
        ]
        names = {column.name.lower() for column in sides[0].columns}
        names &= {column.name.lower() for column in sides[1].columns}
        asked = options.request(name, there.engine.dialect)
        told = asked.key if {each.lower() for each in asked.key} <= names else ()
        key = told or key_of(project, node, names)
        try:
            return compare(sides[0], sides[1], replace(asked, key=key, persons=persons_columns(node, project)))
        except WarehouseError as error:
            return TableDifference(name, "unknown", error.message)
