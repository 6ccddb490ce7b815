"""Publishes on DuckDB: every view and the note of it in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from itertools import chain

import sqlglot
from sqlglot import exp

from dryland.engines.duckdb_names import folded, literal, quoted, rendered
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.protocol import Publication
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError

NOTES = "published"  # environment -> release, in the store; changes in the very transaction that swaps the views
NOTES_COLUMNS = "environment TEXT PRIMARY KEY, release BIGINT, published_at TIMESTAMPTZ"

Kind = tuple[str, str]  # what stands at a name: `table` or `view`, and the view's SQL
NOTHING: Kind = ("", "")


class Kinds:
    """What stands in the schemas in question, by name as DuckDB compares names."""

    def __init__(self, found: Mapping[Relation, Kind]) -> None:
        self._found = {folded(name): kind for name, kind in found.items()}

    def __contains__(self, name: Relation) -> bool:
        return folded(name) in self._found

    def __getitem__(self, name: Relation) -> Kind:
        return self._found.get(folded(name), NOTHING)


def publish(session: DuckDBSession, publication: Publication, database: str, store_schema: str) -> None:
    """Swap all views, drop, move and note, or change nothing.

    Raises:
        InTheWayError: a table stands where a view is to be published.
    """
    notes = rendered(Relation(database, store_schema, NOTES))
    with session.transaction():
        session.create_schema({(name.database, name.schema) for name in publication.views})
        kinds = _kinds(session, publication)
        statements = [*_moves(publication, kinds), *_drops(publication, kinds)]
        moved = set(publication.moves)
        blocked = [str(name) for name in publication.views if kinds[name][0] == "table" and name not in moved]
        if blocked:
            raise InTheWayError(
                f"tables that Dryland did not make stand at {', '.join(sorted(blocked))}.",
                objects=tuple(sorted(blocked)),
                hint="`dryland apply --adopt` takes them over, and a rollback brings them back.",
            )
        statements += [
            f"CREATE OR REPLACE VIEW {rendered(name)} AS SELECT * FROM {rendered(store)}"
            for name, store in _in_binding_order(publication, kinds)
        ]
        statements += _returns(publication, kinds)
        if statements:
            session.execute(";\n".join(statements))  # one round trip: 1,000 views one by one take seconds
        session.execute(f"CREATE TABLE IF NOT EXISTS {notes} ({NOTES_COLUMNS})")
        note = f"{literal(publication.environment)}, {publication.release:d}, now()"
        session.execute(f"INSERT OR REPLACE INTO {notes} VALUES ({note})")


def published(session: DuckDBSession, database: str, store_schema: str) -> dict[str, int]:
    """Environment -> release."""
    place = ", ".join(literal(part) for part in (database, store_schema, NOTES))
    exists = f"SELECT 1 FROM duckdb_tables() WHERE (database_name, schema_name, table_name) = ({place})"
    if not session.fetch(exists).rows:
        return {}
    notes = rendered(Relation(database, store_schema, NOTES))
    rows = session.fetch(f"SELECT environment, release FROM {notes}").rows
    return {str(environment): int(release) for environment, release in rows}


def forget(session: DuckDBSession, environment: str, database: str, store_schema: str) -> None:
    """Drop an environment's note."""
    if environment in published(session, database, store_schema):
        notes = rendered(Relation(database, store_schema, NOTES))
        session.execute(f"DELETE FROM {notes} WHERE environment = {literal(environment)}")


def _kinds(session: DuckDBSession, publication: Publication) -> Kinds:
    """What stands in the schemas in question: kind and, for views, the SQL."""
    names = {*publication.views, *publication.drops, *publication.moves, *chain(*publication.returns.items())}
    schemas = literal(sorted({name.schema.lower() for name in names}))
    query = f"""
        SELECT database_name, schema_name, table_name, 'table', '' FROM duckdb_tables()
        WHERE lower(schema_name) IN (SELECT unnest({schemas}))
        UNION ALL
        SELECT database_name, schema_name, view_name, 'view', sql FROM duckdb_views()
        WHERE lower(schema_name) IN (SELECT unnest({schemas})) AND NOT internal
    """
    rows = session.fetch(query).rows if names else ()
    return Kinds({Relation(*row[:3]): (str(row[3]), str(row[4])) for row in rows})


def _moves(publication: Publication, kinds: Kinds) -> Iterator[str]:
    """DuckDB cannot move a table to another schema: copy it and drop it, in the same transaction.

    Views are made first, while everything that they read still stands: DuckDB binds a view when it is created.
    """
    moves = {source: target for source, target in publication.moves.items() if source in kinds}
    for source, target in moves.items():
        kind, _ = kinds[source]
        query = f"FROM {rendered(source)}" if kind == "table" else _view_query(source, kinds)
        yield f"CREATE {kind.upper()} {rendered(target)} AS {query}"
    for source in moves:
        yield f"DROP {kinds[source][0].upper()} {rendered(source)}"


def _in_binding_order(publication: Publication, kinds: Kinds) -> list[tuple[Relation, Relation]]:
    """Taken-over views read names, not builds: those names have to stand again before they are read."""
    queries = {name: _view_query(name, kinds) for name in publication.moves if kinds[name][0] == "view"}
    last = [name for name in _readers_last(queries) if name in publication.views]
    first = [name for name in publication.views if name not in queries]
    return [(name, publication.views[name]) for name in (*first, *last)]


def _returns(publication: Publication, kinds: Kinds) -> Iterator[str]:
    """What was taken over becomes again what it was, instead of our view of it: tables first, then who reads them.

    What somebody has made there since stays.
    """
    ours = {name: store for name, store in publication.returns.items() if kinds[name][0] != "table"}
    tables = [name for name, store in ours.items() if kinds[store][0] == "table"]
    yield from (f"DROP VIEW IF EXISTS {rendered(name)}" for name in ours)
    yield from (f"CREATE TABLE {rendered(name)} AS FROM {rendered(ours[name])}" for name in tables)
    queries = {name: _view_query(store, kinds) for name, store in ours.items() if name not in tables}
    for name in _readers_last(queries):
        yield f"CREATE VIEW {rendered(name)} AS {queries[name]}"


def _readers_last(queries: Mapping[Relation, str]) -> tuple[Relation, ...]:
    """DuckDB binds a view when it is created, so what it reads has to stand by then."""
    by_name = {(name.schema.lower(), name.name.lower()): name for name in queries}
    reads = {
        name: [by_name[key] for table in sqlglot.parse_one(query, dialect="duckdb").find_all(exp.Table)
               if (key := (table.db.lower() or name.schema.lower(), table.name.lower())) in by_name]
        for name, query in queries.items()
    }  # fmt: skip
    return tuple(TopologicalSorter(reads).static_order())


def _view_query(view: Relation, kinds: Kinds) -> str:
    """The query of a view, as it can stand in any schema: names that its own schema explained are written out."""
    tree = sqlglot.parse_one(kinds[view][1], dialect="duckdb")
    assert isinstance(tree, exp.Create), kinds[view][1]
    for table in tree.expression.find_all(exp.Table):
        there = Relation(view.database, view.schema, table.name)
        if not table.db and there in kinds:
            table.set("db", exp.to_identifier(there.schema, quoted=True))
            table.set("catalog", exp.to_identifier(there.database, quoted=True))
    query = str(tree.expression.sql(dialect="duckdb"))
    schema = tree.this
    if isinstance(schema, exp.Schema) and schema.expressions:
        names = ", ".join(quoted(column.name) for column in schema.expressions)
        return f"SELECT * FROM (\n{query}\n) AS adopted({names})"
    return query


def _drops(publication: Publication, kinds: Kinds) -> Iterator[str]:
    for name in publication.drops:
        if kinds[name][0] == "view":
            yield f"DROP VIEW {rendered(name)}"
