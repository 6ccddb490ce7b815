"""Notes in PostgreSQL which release each environment shows, in the very transaction that swaps its views."""

from __future__ import annotations

from dryland.engines.postgres_catalogue import kinds_of
from dryland.engines.postgres_names import literal, rendered
from dryland.engines.postgres_session import PostgresSession
from dryland.engines.relation import Relation

NOTES = "published"  # environment -> release, in the store
COLUMNS = "environment text PRIMARY KEY, release text NOT NULL, published_at timestamptz NOT NULL"


def notes_in(database: str, store_schema: str) -> Relation:
    """Where the notes are."""
    return Relation(database, store_schema, NOTES)


def prepare_notes(session: PostgresSession, notes: Relation) -> None:
    """Make the table, unless it is there: who may not make tables here can do without."""
    if not kinds_of(session, [notes]):
        session.execute(f"CREATE TABLE IF NOT EXISTS {rendered(notes)} ({COLUMNS})")


def published(session: PostgresSession, notes: Relation) -> dict[str, str]:
    """Environment -> release."""
    if not kinds_of(session, [notes]):
        return {}
    return dict(session.fetch(f"SELECT environment, release FROM {rendered(notes)}").rows)


def note(session: PostgresSession, notes: Relation, environment: str, release: str) -> None:
    """Write down what an environment shows from here on; of two that publish to it at once, one waits here."""
    session.execute(
        f"INSERT INTO {rendered(notes)} VALUES ({literal(environment)}, {literal(release)}, now()) "
        "ON CONFLICT (environment) DO UPDATE SET release = excluded.release, published_at = excluded.published_at"
    )


def forget(session: PostgresSession, notes: Relation, environment: str) -> None:
    """Drop an environment's note."""
    if kinds_of(session, [notes]):
        session.execute(f"DELETE FROM {rendered(notes)} WHERE environment = {literal(environment)}")
