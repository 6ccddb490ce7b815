"""Lists the engines that the conformance suite runs against, and what the suite says to all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dryland.engines.protocol import Engine, Session
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
from dryland.engines.statement import Rows

STORE = "dryland_store"
READERS = "readers"
Fixture = Callable[[str], Any]
COUNTLESS = {
    "duckdb": "select count(*) from range(60000000) a, range(60000) b where a.range + b.range = 7",
    "postgres": "select count(*) from generate_series(1, 60000000) a, generate_series(1, 60000) b where a + b = 7",
}
"""Kind -> a query that takes hours."""

FOLDING = frozenset({"duckdb"})
"""Kinds that take `Orders` and `orders` for one name; the others for two."""
TYPES = {"duckdb": ("BIGINT", "VARCHAR"), "postgres": ("bigint", "text")}
"""Kind -> what it calls a long integer and a text."""


def duckdb_at(root: Path, fixture: Fixture | None = None) -> Address:
    """A file in this folder."""
    return Address({"type": "duckdb", "path": "w.duckdb"}, "w", root, STORE)


def postgres_at(root: Path, fixture: Fixture) -> Address:
    """The database of the test."""
    server, database = fixture("postgres_server"), fixture("postgres")
    return Address(server.settings(database, lock_timeout="500ms"), database, root, STORE)


ENGINES: Mapping[str, Callable[[Path, Fixture], Address]] = {"duckdb": duckdb_at, "postgres": postgres_at}
"""Kind -> an empty warehouse of the test's own; a new engine joins here."""


def opened(address: Address, **more: Any) -> Engine:
    return open_engine(address.settings["type"], replace(address, **more))


def at(engine: Engine, name: str, schema: str = STORE) -> Relation:
    return Relation(engine.database, schema, name)


def make(engine: Engine, name: str, query: str = "select 1 as x", schema: str = STORE) -> Relation:
    relation = at(engine, name, schema)
    with engine.session() as session:
        session.create_table_as(relation, query)
    return relation


def rows(engine: Engine, relation: Relation) -> list[tuple[Any, ...]]:
    with engine.session() as session:
        return sorted(session.fetch(f"select * from {engine.render(relation)}").rows, key=repr)


def kinds(engine: Engine, schema: str) -> dict[str, str]:
    return {found.relation.name: found.kind for found in engine.list_relations([(engine.database, schema)])}


@dataclass
class Heard:
    """A session that notes what it is asked."""

    session: Session
    statements: list[str] = field(default_factory=list)

    def execute(self, sql: str) -> int:
        self.statements.append(sql)
        return self.session.execute(sql)

    def fetch(self, sql: str, *, rows_max: int | None = None) -> Rows:
        self.statements.append(sql)
        return self.session.fetch(sql, rows_max=rows_max)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)


@contextmanager
def heard(engine: Engine) -> Iterator[list[str]]:
    """Every statement that the engine itself sends in the meantime."""
    statements: list[str] = []
    real = engine.session

    @contextmanager
    def session() -> Iterator[Heard]:
        with real() as one:
            yield Heard(one, statements)

    engine.session = session  # type: ignore[method-assign, assignment]
    try:
        yield statements
    finally:
        engine.session = real  # type: ignore[method-assign]
