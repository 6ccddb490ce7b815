"""Notes in DuckDB which release each environment shows, in the very transaction that swaps its views."""

from __future__ import annotations

from dryland.engines.duckdb_names import literal, rendered
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.relation import Relation

NOTES = "published"  # environment -> release, in the store
NOTES_COLUMNS = "environment TEXT PRIMARY KEY, release TEXT, published_at TIMESTAMPTZ"


def published(session: DuckDBSession, database: str, store_schema: str) -> dict[str, str]:
    """Environment -> release."""
    notes = Relation(database, store_schema, NOTES)
    if not _type_of_releases(session, notes):
        return {}
    return dict(session.fetch(f"SELECT environment, CAST(release AS TEXT) FROM {rendered(notes)}").rows)


def note(session: DuckDBSession, environment: str, release: str, database: str, store_schema: str) -> None:
    """Write down what an environment shows from here on."""
    notes = Relation(database, store_schema, NOTES)
    session.execute(f"CREATE TABLE IF NOT EXISTS {rendered(notes)} ({NOTES_COLUMNS})")
    if _type_of_releases(session, notes) != "VARCHAR":  # made when releases were noted by their number
        session.execute(f"ALTER TABLE {rendered(notes)} ALTER COLUMN release TYPE TEXT")
    values = f"{literal(environment)}, {literal(release)}, now()"
    session.execute(f"INSERT OR REPLACE INTO {rendered(notes)} VALUES ({values})")


def forget(session: DuckDBSession, environment: str, database: str, store_schema: str) -> None:
    """Drop an environment's note."""
    if environment in published(session, database, store_schema):
        notes = rendered(Relation(database, store_schema, NOTES))
        session.execute(f"DELETE FROM {notes} WHERE environment = {literal(environment)}")


def _type_of_releases(session: DuckDBSession, notes: Relation) -> str:
    """The type of what is noted of a release; empty while nothing is noted."""
    columns = session.columns([notes]).get(notes, ())
    return next((column.type for column in columns if column.name == "release"), "")
