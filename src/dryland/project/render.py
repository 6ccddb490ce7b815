"""Renders a model again when it is built: for templates that ask the warehouse what to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dryland.engines.protocol import Engine
from dryland.engines.relation import Column, Found, Relation
from dryland.project.jinja.relation import cte_name
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Node, Rendered
from dryland.project.project import Project


@dataclass(frozen=True, slots=True)
class EngineAsked:
    """An engine as templates may ask it."""

    engine: Engine

    def run_query(self, sql: str) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
        """Column names and rows."""
        with self.engine.session() as session:
            answer = session.fetch(sql)
        return answer.columns, answer.rows

    def columns(self, relation: Relation) -> tuple[Column, ...]:
        """The columns of a relation; empty when it does not exist."""
        return self.engine.columns([relation]).get(relation, ())

    def relations(self, database: str, schema: str) -> tuple[Found, ...]:
        """What stands in a schema."""
        return self.engine.list_relations([(database, schema)])


@dataclass(frozen=True, slots=True)
class _Known:
    """Finds refs among what the first rendering found."""

    project: Project
    node: Node

    def ref(self, name: str, package: str, version: str, asking: Scope) -> tuple[str, Relation | str]:
        for unique_id in self.node.depends_on:
            other = self.project.nodes.get(unique_id)
            if other and other.name == name and package in ("", other.package) and version in ("", other.version):
                ephemeral = other.materialized == "ephemeral"
                return unique_id, cte_name(other.relation) if ephemeral else other.relation
        raise LookupError(
            f"ref({name!r}) was not seen when the project was read; add `-- depends_on: {{{{ ref('{name}') }}}}`"
        )

    def source(self, source: str, table: str, asking: Scope) -> tuple[str, Relation]:
        for unique_id, found in self.project.sources.items():
            if (found.source_name, found.name) == (source, table):
                return unique_id, found.relation
        raise LookupError(f"source({source!r}, {table!r}) is not declared")


def render_node(
    project: Project,
    node: Node,
    *,
    engine: Engine,
    relations: Mapping[str, Relation],
    this: Relation,
    is_incremental: bool,
) -> Rendered:
    """The model's SQL, with its questions answered by the relations it will read."""
    how = Pass(
        execute=True, is_incremental=is_incremental, resolver=_Known(project, node), warehouse=EngineAsked(engine),
        this=this, relations=relations,
    )  # fmt: skip
    scope = Scope(node.place.path, node.package, node.unique_id, node.name)
    sql, state = project.templates.render(node.raw, scope, node.config, how)
    return Rendered(sql, dict(state.texts), node.rendered.refs, node.rendered.sources)
