"""Answers what templates ask of the warehouse: each question in a session of its own, or all in a build's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dryland.engines.protocol import Engine, Session
from dryland.engines.relation import Column, Found, Relation
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class EngineAsked:
    """An engine as templates may ask it."""

    engine: Engine
    session: Session | None = None  # when given, everything goes through it: it sees what its transaction did

    def run_query(self, sql: str) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
        """Column names and rows."""
        with self._session() as session:
            answer = session.fetch_inside(sql) if self.session else session.fetch(sql)
        return answer.columns, answer.rows

    def execute(self, sql: str) -> None:
        """Run SQL whose rows nobody wants; in a build's session its transaction stays open."""
        self.run_query(sql)

    def describe(self, query: str) -> tuple[Column, ...]:
        """The columns of a query, without running it."""
        with self._session() as session:
            return session.describe(query)

    def columns(self, relation: Relation) -> tuple[Column, ...]:
        """The columns of a relation; empty when it does not exist."""
        with self._session() as session:
            return session.columns([relation]).get(relation, ())

    def relation(self, relation: Relation) -> Found | None:
        """What stands under a name; None when nothing does."""
        listed = self.relations(relation.database, relation.schema)
        return next((each for each in listed if each.relation.folded == relation.folded), None)

    def relations(self, database: str, schema: str) -> tuple[Found, ...]:
        """What stands in a schema."""
        with self._session() as session:
            return session.list_relations([(database, schema)])

    @contextmanager
    def _session(self) -> Iterator[Session]:
        if self.session is not None:
            yield self.session
            return
        with self.engine.session() as session:
            yield session
