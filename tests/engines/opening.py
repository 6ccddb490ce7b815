"""Lists the engines that the conformance suite runs against, and what the suite says to all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dryland.engines.protocol import Engine, Rows, Session
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation

STORE = "dryland_store"
READERS = "readers"
ENGINES: Mapping[str, Callable[[Path], Address]] = {
    "duckdb": lambda root: Address({"type": "duckdb", "path": "w.duckdb"}, "w", root, STORE),
}
"""Kind -> an address in a folder of the test's own; a new engine joins here."""
COUNTLESS = {"duckdb": "select count(*) from range(60000000) a, range(60000) b where a.range + b.range = 7"}
"""Kind -> a query that takes hours."""


def opened(kind: str, root: Path, **more: Any) -> Engine:
    address = ENGINES[kind](root)
    return open_engine(kind, Address(address.settings, address.database, root, STORE, **more))


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
