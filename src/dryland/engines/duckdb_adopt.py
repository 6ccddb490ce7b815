"""Moves what somebody else made into the store, and hands it back as what it was.

DuckDB cannot move a table to another schema, so it is copied and dropped, in the transaction of the publication.
What could not be made again exactly is not taken over: handing back is rehearsed before anything is gone for good.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from dryland.engines.duckdb_catalogue import Catalogue, read_catalogue
from dryland.engines.duckdb_names import folded, literal, quoted, rendered
from dryland.engines.duckdb_origin import Origin, read_origins
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.duckdb_views import is_understood, query_anywhere, readers_last
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError, QueryError, WarehouseError

Moves = Mapping[Relation, Relation]  # name -> place in the store
OBJECTIONS = r"""
    SELECT database_name, schema_name, table_name, 'has a foreign key' FROM duckdb_constraints()
    WHERE constraint_type = 'FOREIGN KEY'
    UNION ALL
    SELECT database_name, schema_name, referenced_table, 'is what a foreign key of ' || table_name || ' refers to'
    FROM duckdb_constraints() WHERE constraint_type = 'FOREIGN KEY'
    UNION ALL
    SELECT database_name, schema_name, table_name, 'takes its ' || column_name || ' from a sequence'
    FROM duckdb_columns() WHERE column_default ILIKE '%nextval(%' AND NOT internal
    UNION ALL
    SELECT database_name, schema_name, table_name, 'has a generated column' FROM duckdb_tables()
    WHERE regexp_matches(sql, 'GENERATED ALWAYS AS ?\(') AND NOT internal
"""


def take_over(session: DuckDBSession, moves: Moves, catalogue: Catalogue) -> None:
    """Copy each table or view to its place in the store and drop it.

    Raises:
        InTheWayError: one of them could not be handed back as it was.
    """
    moves = {name: place for name, place in moves.items() if name in catalogue}
    if not moves:
        return
    _verify_movable(session, moves, catalogue)
    origins = read_origins(session, moves, catalogue)
    for name, place in moves.items():  # all before anything is dropped: a view is bound when it is made
        with _told_of(name, "cannot be copied"):
            session.execute(_copy(name, place, origins[name], catalogue))
    session.drop((name, origin.kind) for name, origin in origins.items())
    _rehearse(session, origins)


def hand_back(session: DuckDBSession, returns: Moves, catalogue: Catalogue, store_schema: str) -> None:
    """Make again what was taken over, instead of our view of it. What somebody has made there since stays.

    Raises:
        WarehouseError: somebody changed or dropped a copy in the store.
    """
    free = {
        name: place for name, place in returns.items()
        if name not in catalogue or catalogue[name].is_ours(store_schema)
    }  # fmt: skip
    gone = sorted(str(place) for place in free.values() if not catalogue[place].comment)
    if gone:
        raise WarehouseError(f"what was taken over cannot be handed back: {', '.join(gone)} is not what we left there.")
    origins = {name: Origin.from_copy(catalogue[place]) for name, place in free.items()}
    session.drop((name, "view") for name in free)
    for name in _in_order(origins):
        session.execute(";\n".join(origins[name].statements(name, free[name])))


def _verify_movable(session: DuckDBSession, moves: Moves, catalogue: Catalogue) -> None:
    """Say what of a table lives outside of it, or is computed by it: that cannot be copied and made again."""
    by_name = {folded(name): name for name in moves}
    reasons = {
        name: str(reason)
        for *there, reason in session.fetch(OBJECTIONS).rows
        if (name := by_name.get(folded(Relation(*there))))
    }
    for name in moves:
        if catalogue[name].kind == "view" and not is_understood(catalogue[name].sql):
            reasons[name] = "is a view whose query Dryland does not understand"
    if reasons:
        raise _not_movable(reasons)


def _not_movable(reasons: Mapping[Relation, str]) -> InTheWayError:
    told = "; ".join(f"{name} {reason}" for name, reason in sorted(reasons.items()))
    return InTheWayError(
        f"nothing was taken over, because not everything could be handed back as it was: {told}.",
        objects=tuple(sorted(str(name) for name in reasons)),
        hint="give it another name or drop it, and apply again.",
    )


def _copy(name: Relation, place: Relation, origin: Origin, catalogue: Catalogue) -> str:
    kind = origin.kind.upper()
    query = f"FROM {rendered(name)}" if kind == "TABLE" else query_anywhere(name, origin.sql, catalogue)
    note = f"COMMENT ON {kind} {rendered(place)} IS {literal(origin.as_text())}"
    return f"CREATE {kind} {rendered(place)} AS {query};\n{note}"


@contextmanager
def _told_of(name: Relation, trouble: str) -> Iterator[None]:
    try:
        yield
    except QueryError as error:
        if error.transient:
            raise
        raise _not_movable({name: f"{trouble} ({error.message})"}) from error


def _rehearse(session: DuckDBSession, origins: Mapping[Relation, Origin]) -> None:
    """Make everything again but for the rows, compare it with what it was, and drop it."""
    order = _in_order(origins)
    for name in order:
        with _told_of(name, "cannot be made again"):
            session.execute(";\n".join(origins[name].statements(name)))
    made = read_origins(session, order, read_catalogue(session, {name.schema for name in order}))
    different = {
        name: "comes out different when it is made again"
        for name in order
        if _as_read(made[name], name) != _as_read(origins[name], name)
    }
    if different:
        raise _not_movable(different)
    session.drop((name, origins[name].kind) for name in reversed(order))


def _as_read(origin: Origin, name: Relation) -> Origin:
    """The same whether or not names in a view tell the database in which it stands: DuckDB 2.0 leaves that out."""
    own = rf"(?<![\w.\"])(?:{re.escape(name.database)}|{re.escape(quoted(name.database))})\."
    return replace(origin, sql=re.sub(own, "", origin.sql)) if origin.kind == "view" else origin


def _in_order(origins: Mapping[Relation, Origin]) -> tuple[Relation, ...]:
    """Tables first, then the views that read them."""
    views = {name: origin.sql for name, origin in origins.items() if origin.kind == "view"}
    return (*(name for name in origins if name not in views), *readers_last(views))
