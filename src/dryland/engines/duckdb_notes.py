"""Notes in DuckDB which release each environment shows, in the very transaction that swaps its views."""

from __future__ import annotations

from dryland.engines.duckdb_names import literal, rendered
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.relation import Relation

NOTES = "published"  # environment -> release, in the store
NOTES_COLUMNS = "environment TEXT PRIMARY KEY, release TEXT, published_at TIMESTAMPTZ"


def published(session: DuckDBSession, database: str, store_schema: str) -> dict[str, str]:
    """Environment -> release."""
    if not _type_of_notes(session, database, store_schema):
        return {}
    notes = rendered(Relation(database, store_schema, NOTES))
    return dict(session.fetch(f"SELECT environment, CAST(release AS TEXT) FROM {notes}").rows)


def note(session: DuckDBSession, environment: str, release: str, database: str, store_schema: str) -> None:
    """Write down what an environment shows from here on."""
    notes = rendered(Relation(database, store_schema, NOTES))
    kind = _type_of_notes(session, database, store_schema)
    if not kind:
        session.execute(f"CREATE TABLE {notes} ({NOTES_COLUMNS})")
    elif kind != "VARCHAR":  # made when releases were noted by their number
        session.execute(f"ALTER TABLE {notes} ALTER COLUMN release TYPE TEXT")
    session.execute(f"INSERT OR REPLACE INTO {notes} VALUES ({literal(environment)}, {literal(release)}, now())")


def forget(session: DuckDBSession, environment: str, database: str, store_schema: str) -> None:
    """Drop an environment's note."""
    if environment in published(session, database, store_schema):
        notes = rendered(Relation(database, store_schema, NOTES))
        session.execute(f"DELETE FROM {notes} WHERE environment = {literal(environment)}")


def _type_of_notes(session: DuckDBSession, database: str, store_schema: str) -> str:
    """The type of what is noted of a release; empty while nothing is."""
    place = ", ".join(literal(part) for part in (database, store_schema, NOTES, "release"))
    rows = session.fetch(
        "SELECT data_type FROM duckdb_columns() "
        f"WHERE (database_name, schema_name, table_name, column_name) = ({place})"
    ).rows
    return str(rows[0][0]) if rows else ""
