"""Notes in DuckDB which release each environment shows, in the very transaction that swaps its views."""

from __future__ import annotations

from dryland.engines.duckdb_names import literal, rendered
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.publication import Publication
from dryland.engines.relation import Relation
from dryland.errors import FencedError

NOTES = "published"  # environment -> release and fence, in the store
NOTES_COLUMNS = "environment TEXT PRIMARY KEY, release TEXT, published_at TIMESTAMPTZ, fence BIGINT"


def published(session: DuckDBSession, database: str, store_schema: str) -> dict[str, str]:
    """Environment -> release."""
    notes = Relation(database, store_schema, NOTES)
    if "release" not in _types(session, notes):
        return {}
    noted = session.fetch(f"SELECT environment, CAST(release AS TEXT) FROM {rendered(notes)}").rows
    return {environment: release for environment, release in noted if release}


def note(session: DuckDBSession, publication: Publication, database: str, store_schema: str) -> None:
    """Write down what an environment shows from here on; to be done within the transaction that shows it.

    Raises:
        FencedError: somebody with a larger fence was here.
    """
    notes = _prepared(session, database, store_schema)
    environment, fence = publication.environment, publication.fence
    noted = _verify_fence(session, notes, environment, fence)
    values = f"{literal(environment)}, {literal(publication.release)}, now(), {max(fence, noted)}"
    session.execute(f"INSERT OR REPLACE INTO {notes} VALUES ({values})")


def note_fence(session: DuckDBSession, environment: str, fence: int, database: str, store_schema: str) -> None:
    """Write down a fence, and leave the rest of the note.

    Raises:
        FencedError: a larger one is noted.
    """
    with session.transaction():
        notes = _prepared(session, database, store_schema)
        _verify_fence(session, notes, environment, fence)
        session.execute(
            f"INSERT INTO {notes} VALUES ({literal(environment)}, '', now(), {fence}) "
            "ON CONFLICT (environment) DO UPDATE SET fence = excluded.fence"
        )


def forget(session: DuckDBSession, environment: str, database: str, store_schema: str) -> None:
    """Drop the note of what an environment shows; the fence stays, for whoever was paused may come back."""
    if environment in published(session, database, store_schema):
        notes = rendered(Relation(database, store_schema, NOTES))
        session.execute(f"UPDATE {notes} SET release = '' WHERE environment = {literal(environment)}")


def _prepared(session: DuckDBSession, database: str, store_schema: str) -> str:
    """The name of the notes, which are made when there are none, and brought forward when they are old."""
    relation = Relation(database, store_schema, NOTES)
    notes = rendered(relation)
    session.execute(f"CREATE TABLE IF NOT EXISTS {notes} ({NOTES_COLUMNS})")
    types = _types(session, relation)
    if types["release"] != "VARCHAR":  # made when releases were noted by their number
        session.execute(f"ALTER TABLE {notes} ALTER COLUMN release TYPE TEXT")
    if "fence" not in types:
        session.execute(f"ALTER TABLE {notes} ADD COLUMN fence BIGINT")
    return notes


def _verify_fence(session: DuckDBSession, notes: str, environment: str, fence: int) -> int:
    """What is noted; a publication without a fence is nobody's lease, and is let through."""
    rows = session.fetch(f"SELECT fence FROM {notes} WHERE environment = {literal(environment)}").rows
    noted = int(rows[0][0] or 0) if rows else 0
    if 0 < fence < noted:
        raise FencedError(
            f"{environment} was taken over: the warehouse knows fence {noted}, and this process has {fence}.",
            noted=noted, hint="nothing was published. Run it again: what was built is found.",
        )  # fmt: skip
    return noted


def _types(session: DuckDBSession, notes: Relation) -> dict[str, str]:
    """The types of what is noted, by name; empty while nothing is noted."""
    return {column.name: column.type for column in session.columns([notes]).get(notes, ())}
