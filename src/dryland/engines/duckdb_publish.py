"""Publishes on DuckDB: every view and the note of it in one transaction."""

from __future__ import annotations

from collections.abc import Iterator

from dryland.engines.duckdb_names import literal, quoted, rendered
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.protocol import Publication
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError

NOTES = "published"  # environment -> release, in the store; changes in the very transaction that swaps the views
NOTES_COLUMNS = "environment TEXT PRIMARY KEY, release BIGINT, published_at TIMESTAMPTZ"


def publish(session: DuckDBSession, publication: Publication, database: str, store_schema: str) -> None:
    """Swap all views, drop, move and note, or change nothing.

    Raises:
        InTheWayError: a table stands where a view is to be published.
    """
    notes = rendered(Relation(database, store_schema, NOTES))
    with session.transaction():
        session.create_schema({(name.database, name.schema) for name in publication.views})
        kinds = _kinds(session, publication)
        statements = [*_moves(session, publication, kinds), *_drops(publication, kinds)]
        moved = set(publication.moves or ())
        blocked = [
            str(name) for name in publication.views if kinds.get(name, ("view", ""))[0] == "table" and name not in moved
        ]
        if blocked:
            raise InTheWayError(
                f"tables that Dryland did not make stand at {', '.join(sorted(blocked))}.",
                objects=tuple(sorted(blocked)),
                hint="`dryland apply --adopt` takes them over, and a rollback brings them back.",
            )
        statements += [
            f"CREATE OR REPLACE VIEW {rendered(name)} AS SELECT * FROM {rendered(store)}"
            for name, store in publication.views.items()
        ]
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


def _kinds(session: DuckDBSession, publication: Publication) -> dict[Relation, tuple[str, str]]:
    """What stands at the names in question: kind and, for views, the SQL."""
    names = {*publication.views, *publication.drops, *(publication.moves or ())}
    schemas = literal(sorted({name.schema for name in names}))
    query = f"""
        SELECT database_name, schema_name, table_name, 'table', '' FROM duckdb_tables()
        WHERE schema_name IN (SELECT unnest({schemas}))
        UNION ALL
        SELECT database_name, schema_name, view_name, 'view', sql FROM duckdb_views()
        WHERE schema_name IN (SELECT unnest({schemas})) AND NOT internal
    """
    rows = session.fetch(query).rows if names else ()
    found = {Relation(*row[:3]): (str(row[3]), str(row[4])) for row in rows}
    return {name: found[name] for name in names if name in found}


def _moves(session: DuckDBSession, publication: Publication, kinds: dict[Relation, tuple[str, str]]) -> Iterator[str]:
    """DuckDB cannot move a table to another schema: copy it and drop it, in the same transaction.

    Views are made first, while everything that they read still stands: DuckDB binds a view when it is created.
    """
    moves = {source: target for source, target in (publication.moves or {}).items() if source in kinds}
    for source, target in moves.items():
        kind, definition = kinds[source]
        query = f"FROM {rendered(source)}" if kind == "table" else _view_query(definition)
        yield f"CREATE {kind.upper()} {rendered(target)} AS {query}"
    for source in moves:
        yield f"DROP {kinds[source][0].upper()} {rendered(source)}"


def _view_query(definition: str) -> str:
    """The query of `CREATE VIEW name (columns) AS query;` as DuckDB tells it."""
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(definition, dialect="duckdb")
    assert isinstance(tree, exp.Create), definition
    query = str(tree.expression.sql(dialect="duckdb"))
    schema = tree.this
    if isinstance(schema, exp.Schema) and schema.expressions:
        names = ", ".join(quoted(column.name) for column in schema.expressions)
        return f"SELECT * FROM (\n{query}\n) AS adopted({names})"
    return query


def _drops(publication: Publication, kinds: dict[Relation, tuple[str, str]]) -> Iterator[str]:
    for name in publication.drops:
        if kinds.get(name, ("", ""))[0] == "view":
            yield f"DROP VIEW {rendered(name)}"
