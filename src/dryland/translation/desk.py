"""Holds what is known while a project is translated: the columns of its tables, and what has no translation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import sqlglot
from sqlglot import exp

from dryland.engines.protocol import Engine
from dryland.engines.relation import Column
from dryland.errors import QueryError
from dryland.project.nodes import Node, Place
from dryland.project.project import Project
from dryland.project.untranslated import Untranslated
from dryland.translation.expressions import translated_expression
from dryland.translation.places import place_in
from dryland.translation.problem import Problem
from dryland.translation.query import Translated
from dryland.translation.tables import Known


@dataclass
class Desk:
    """What is known so far, and what was found to have no translation."""

    project: Project
    engine: Engine
    known: dict[str, Known | None] = field(default_factory=dict)  # unique id -> its columns
    found: list[Untranslated] = field(default_factory=list)

    def written_in(self, node: Node | None = None) -> str:
        """In which dialect the SQL of the project, or of one of its models, is written."""
        own = str(node.config.get("dialect") or "") if node else ""
        return own or self.project.settings.dialect or self.engine.dialect

    def is_own(self, written: str) -> bool:
        """Whether nothing is to be translated."""
        return written == self.engine.dialect

    def look_at_sources(self) -> None:
        """Ask for the columns of all sources, and of what Python made, in one query."""
        sources = {uid: source.relation for uid, source in self.project.sources.items() if not source.seed}
        opaque = {uid: node.relation for uid, node in self.project.nodes.items() if not is_readable(node)}
        found = self.engine.columns([*sources.values(), *opaque.values()])
        for uid, relation in sources.items():
            if relation in found:
                self.known[uid] = as_known(found[relation])
        for uid, relation in opaque.items():  # a translation must not change because its input was released since
            if relation in found:
                self.known[uid] = Known({}, tuple(found[relation]))

    def knows(self, unique_ids: Iterable[str]) -> dict[str, Known | None]:
        """The columns of tables; a source that is a seed has those of the seed."""
        seeds = {uid: source.seed for uid, source in self.project.sources.items() if source.seed}
        return {each: self.known.get(seeds.get(each, each)) for each in unique_ids}

    def described(self, probe: str) -> tuple[tuple[Column, ...], tuple[Problem, ...]]:
        """The columns that the warehouse sees in a query, or why it refuses it."""
        try:
            with self.engine.session() as session:
                return session.describe(probe), ()
        except QueryError as error:
            said = error.message.strip().splitlines()[0]
            return (), (Problem(f"the warehouse refuses it: {said}", error.hint, near=said),)

    def asked(self, said: Translated) -> tuple[Translated, tuple[Column, ...]]:
        """What the warehouse thinks of a translation, and which columns it has there."""
        if said.problems or not said.probe:
            return said, ()
        columns, problems = self.described(said.probe)
        return replace(said, problems=problems), columns

    def expression(
        self, unique_id: str, name: str, place: Place, text: str, written: str, known: Known | None
    ) -> str:  # fmt: skip
        """An expression in the warehouse's words; what has none is noted."""
        said, problems = translated_expression(text, written=written, known=known)
        self.note(unique_id, name, place.path, "", problems, line=place.line)
        return said

    def note(
        self, unique_id: str, name: str, path: str, text: str, problems: Iterable[Problem], line: int = 1
    ) -> None:  # fmt: skip
        """Note whose text has what problems, with the line of each where that can be found."""
        for each in problems:
            place = place_in(text, each, path, line)
            self.found.append(Untranslated(unique_id, name, place, each.what, each.hint))


def is_readable(node: Node) -> bool:
    """Whether its columns can be told from its SQL."""
    return node.kind == "seed" or (node.language == "sql" and not node.rendered.needs_warehouse)


def as_known(columns: Iterable[Column], types: Mapping[str, str] | None = None) -> Known:
    """Columns of the warehouse, with the types by which their kind is told: as translated, or as the warehouse has."""
    listed = tuple(columns)
    return Known(
        {each.name.lower(): (types or {}).get(each.name.lower()) or _back(each.type) for each in listed}, listed
    )


def _back(kind: str) -> str:
    """A type of PostgreSQL as DuckDB calls it; empty for one that it does not have."""
    try:
        return str(exp.DataType.build(kind, dialect="postgres").sql(dialect="duckdb"))
    except (sqlglot.errors.SqlglotError, ValueError):
        return ""
