"""Finds the columns of what models read: from their own SQL over empty tables, so that nothing has to be built."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dryland.check.unit_tests.inputs import Replacement, replaced
from dryland.check.unit_tests.rows import empty_rows, given_rows, quoted
from dryland.digest import digest
from dryland.engines.protocol import Engine, Session
from dryland.engines.relation import Column, Relation
from dryland.errors import DrylandError
from dryland.plan.compose import inlined
from dryland.project.nodes import ColumnDoc, Node, Source
from dryland.project.project import Project
from dryland.project.snapshot_settings import META, OPTIONS, settings_of
from dryland.project.unit_test import Fixture, UnitTest
from dryland.project.unit_tests import THIS
from dryland.sql.substitute import statement, substitute, with_ctes

Known = Callable[[str], tuple[Column, ...]]
"""A node or source -> its columns as they stand in the warehouse; none when it is not there."""


@dataclass
class Shapes:
    """The columns of every node and source, each worked out once."""

    project: Project
    engine: Engine
    known: Known
    is_own: bool = True  # an engine in memory, in which tables may be made
    _columns: dict[str, tuple[Column, ...]] = field(default_factory=dict)
    looked_up: set[str] = field(default_factory=set)  # whose columns in the warehouse are part of a fingerprint
    _fingerprints: dict[str, str] = field(default_factory=dict)
    _tables: set[Relation] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def columns(self, unique_id: str, session: Session) -> tuple[Column, ...]:
        """The columns of a node or source; none when nobody knows them."""
        with self._lock:
            if unique_id not in self._columns:
                self._columns[unique_id] = self._found(unique_id, session)
            return self._columns[unique_id]

    def input_of(self, fixture: Fixture, test: UnitTest) -> Node | Source:
        """What the rows of a fixture stand for."""
        unique_id = test.model if fixture.of == THIS else fixture.of
        return self.project.nodes.get(unique_id) or self.project.sources[unique_id]

    def of_input(self, fixture: Fixture, test: UnitTest, session: Session) -> tuple[Column, ...]:
        """The columns of what the rows of a fixture stand for."""
        return self.columns(self.input_of(fixture, test).unique_id, session)

    def rows(self, fixture: Fixture, test: UnitTest, session: Session) -> str:
        """A query for the rows of a fixture, with all columns of what they stand for."""
        name = self.project.name_of(self.input_of(fixture, test).unique_id)
        return given_rows(fixture, self.of_input(fixture, test, session), name, self.engine.dialect)

    def fingerprint(self, unique_id: str) -> str:
        """A hash of all that the columns of a node or source come from."""
        with self._lock:
            if unique_id not in self._fingerprints:
                self._fingerprints[unique_id] = digest(self._origin(unique_id))
            return self._fingerprints[unique_id]

    def _found(self, unique_id: str, session: Session) -> tuple[Column, ...]:
        node = self.project.nodes.get(unique_id)
        if node is None:
            return self.known(unique_id) or _declared(self.project.sources[unique_id].columns)
        own = self._seed(node) if node.kind == "seed" else self._described(node, session)
        if own and node.kind == "snapshot":
            own += _remembered(node, own)
        return own or self.known(unique_id) or _declared(node.columns)

    def _seed(self, node: Node) -> tuple[Column, ...]:
        types = {str(name): str(kind) for name, kind in (node.config.get("column_types") or {}).items()}
        found = self.engine.infer_seed_types(str(node.file), str(node.config.get("delimiter", ",")), types)
        return tuple(Column(name, kind) for name, kind in found.items())

    def _described(self, node: Node, session: Session) -> tuple[Column, ...]:
        """What the node's SQL gives over empty tables; none when that cannot be told."""
        if node.language != "sql" or node.rendered.needs_warehouse:
            return ()
        sql, texts = inlined(node.rendered, self.project, self.engine.dialect)
        if not self.is_own:
            return self._described_without_tables(sql, texts, session)
        names: dict[str, str] = {}
        for text, unique_id in texts.items():
            table = self._empty_table(unique_id, session) if unique_id != "this" else None
            if table is None:
                return ()
            names[text] = self.engine.render(table)
        try:
            return session.describe(substitute(statement(sql, self.engine.dialect), names))
        except DrylandError:
            return ()

    def _described_without_tables(
        self, sql: str, texts: Mapping[str, str], session: Session
    ) -> tuple[Column, ...]:  # fmt: skip
        """The same where nothing may be made: what would be a table stands in the query, under the name of it."""
        places, ctes = {}, []
        for number, (text, unique_id) in enumerate(texts.items()):
            columns = self.columns(unique_id, session) if unique_id != "this" else ()
            if not columns:
                return ()
            thing = self.project.nodes.get(unique_id) or self.project.sources[unique_id]
            places[text] = Replacement(f"dryland_input_{number}", thing.relation.name)
            ctes.append((quoted(places[text].name), empty_rows(columns)))
        dialect = self.engine.dialect
        try:
            return session.describe(with_ctes(replaced(sql, places, dialect), ctes, dialect))
        except DrylandError:
            return ()

    def _empty_table(self, unique_id: str, session: Session) -> Relation | None:
        """A table without rows that has the columns of a node or source, under its name."""
        columns = self.columns(unique_id, session)
        if not columns:
            return None
        thing = self.project.nodes.get(unique_id) or self.project.sources[unique_id]
        named = thing.relation
        table = Relation(self.engine.database, f"{named.database}.{named.schema}", named.name)
        if table not in self._tables:
            session.create_schema([(table.database, table.schema)])
            session.create_table_as(table, empty_rows(columns))
            self._tables.add(table)
        return table

    def _origin(self, unique_id: str) -> list[object]:
        node = self.project.nodes.get(unique_id)
        if node is None:
            said = [[column.name, column.data_type] for column in self.project.sources[unique_id].columns]
            return [[unique_id], self._as_known(unique_id), said]
        if node.kind == "seed":
            return [node.file_hash, node.config.get("column_types"), node.config.get("delimiter")]
        said = [[column.name, column.data_type] for column in node.columns]
        if node.language != "sql" or node.rendered.needs_warehouse:
            return [node.file_hash, self._as_known(unique_id), said]
        reads = [self.fingerprint(each) for each in node.rendered.relations.values() if each not in ("this", unique_id)]
        adds = [str(node.config.get(option)) for option in OPTIONS] if node.kind == "snapshot" else []
        return [node.rendered.still or node.rendered.sql, node.kind, adds, said, reads]

    def _as_known(self, unique_id: str) -> list[list[str]]:
        self.looked_up.add(unique_id)
        return [[column.name, column.type] for column in self.known(unique_id)]


def _remembered(node: Node, own: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns that a snapshot adds; its moments have the type of the column that says what is newer."""
    settings = settings_of(node.config)
    types: Mapping[str, str] = {column.name.lower(): column.type for column in own}
    moment = types.get(settings.updated_at.lower(), "TIMESTAMP")
    kinds = dict.fromkeys(META, moment) | {"dbt_scd_id": "VARCHAR", "dbt_is_deleted": "VARCHAR"}
    added = [name for name in META if name != "dbt_is_deleted" or settings.keeps_deletions]
    return tuple(Column(settings.name(name), kinds[name]) for name in added)


def _declared(columns: tuple[ColumnDoc, ...]) -> tuple[Column, ...]:
    """What YAML says, when it says the type of every column."""
    if not columns or not all(column.data_type for column in columns):
        return ()
    return tuple(Column(column.name, column.data_type) for column in columns)
