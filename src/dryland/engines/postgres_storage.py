"""Writes the statements that decide how a table is kept: indexes, statistics, and what goes away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dryland.engines.postgres_catalogue import FILLED, kinds_of
from dryland.engines.postgres_names import literal, quoted, rendered
from dryland.engines.relation import Index, Relation, Storage
from dryland.engines.statement import Asked

DROPPED = {"v": "VIEW", "m": "MATERIALIZED VIEW", "f": "FOREIGN TABLE"}  # and all else is a table


def filled_statements(target: Relation, storage: Storage) -> Iterator[str]:
    """What a table needs once its rows are there."""
    yield from (_index(target, index) for index in storage.indexes)
    yield f"ANALYZE {rendered(target)}"
    if storage.is_unlogged:
        yield _said_of_rows(target)


def _said_of_rows(target: Relation) -> str:
    """Say of an unlogged table whether it has rows: after a crash the server empties it, and somebody has to know."""
    name = rendered(target)
    comment = literal(f"COMMENT ON TABLE {name} IS {literal(FILLED)}")
    return f"DO {literal(f'BEGIN IF EXISTS (SELECT FROM {name}) THEN EXECUTE {comment}; END IF; END')}"


def _index(target: Relation, index: Index) -> str:
    """Without a name, so that PostgreSQL finds one that is free."""
    unique = "UNIQUE " if index.is_unique else ""
    method = f" USING {quoted(index.method)}" if index.method else ""
    return f"CREATE {unique}INDEX ON {rendered(target)}{method} ({', '.join(index.columns)})"


def drop_statements(session: Asked, relations: Iterable[Relation]) -> tuple[str, ...]:
    """Drop what exists of these: one statement for each kind, since PostgreSQL then sees to the order itself."""
    kinds = kinds_of(session, relations)
    by_kind: dict[str, list[str]] = {}
    for relation, kind in kinds.items():
        by_kind.setdefault(DROPPED.get(kind, "TABLE"), []).append(rendered(relation))
    order = sorted(by_kind, key=lambda kind: (kind == "TABLE", kind == "MATERIALIZED VIEW"))  # readers first
    return tuple(f"DROP {kind} IF EXISTS {', '.join(by_kind[kind])}" for kind in order)
