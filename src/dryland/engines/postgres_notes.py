"""Notes in PostgreSQL which release each environment shows, in the very transaction that swaps its views."""

from __future__ import annotations

from dryland.engines.postgres_catalogue import kinds_of
from dryland.engines.postgres_names import literal, rendered
from dryland.engines.postgres_session import PostgresSession
from dryland.engines.publication import Publication
from dryland.engines.relation import Relation
from dryland.errors import FencedError

NOTES = "published"  # environment -> release and fence, in the store
FENCE = "fence bigint NOT NULL DEFAULT 0"
COLUMNS = f"environment text PRIMARY KEY, release text NOT NULL, published_at timestamptz NOT NULL, {FENCE}"


def notes_in(database: str, store_schema: str) -> Relation:
    """Where the notes are."""
    return Relation(database, store_schema, NOTES)


def prepare_notes(session: PostgresSession, notes: Relation) -> None:
    """Make the table, unless it is there: who may not make tables here can do without."""
    if not kinds_of(session, [notes]):
        session.execute(f"CREATE TABLE IF NOT EXISTS {rendered(notes)} ({COLUMNS})")
    elif "fence" not in {column.name for column in session.columns([notes]).get(notes, ())}:
        session.execute(f"ALTER TABLE {rendered(notes)} ADD COLUMN IF NOT EXISTS {FENCE}")


def published(session: PostgresSession, notes: Relation) -> dict[str, str]:
    """Environment -> release."""
    if not kinds_of(session, [notes]):
        return {}
    return dict(session.fetch(f"SELECT environment, release FROM {rendered(notes)} WHERE release <> ''").rows)


def note(session: PostgresSession, notes: Relation, publication: Publication) -> None:
    """Write down what an environment shows from here on; of two that publish to it at once, one waits here.

    Raises:
        FencedError: somebody with a larger fence was here.
    """
    _write(session, notes, publication.environment, publication.release, publication.fence, "release, published_at")


def note_fence(session: PostgresSession, notes: Relation, environment: str, fence: int) -> None:
    """Write down a fence, and leave the rest of the note.

    Raises:
        FencedError: a larger one is noted.
    """
    prepare_notes(session, notes)
    _write(session, notes, environment, "", fence, "")


def forget(session: PostgresSession, notes: Relation, environment: str) -> None:
    """Drop the note of what an environment shows; the fence stays, for whoever was paused may come back."""
    if kinds_of(session, [notes]):
        session.execute(f"UPDATE {rendered(notes)} SET release = '' WHERE environment = {literal(environment)}")


def _write(
    session: PostgresSession, notes: Relation, environment: str, release: str, fence: int, columns: str
) -> None:  # fmt: skip
    """Put a note in place, or these columns of it; nobody's lease has a fence of 0, which is let through."""
    changes = [f"{name} = excluded.{name}" for name in columns.split(", ") if name]
    changed = session.execute(
        f"INSERT INTO {rendered(notes)} AS noted (environment, release, published_at, fence) "
        f"VALUES ({literal(environment)}, {literal(release)}, now(), {fence}) ON CONFLICT (environment) DO UPDATE "
        f"SET {', '.join([*changes, 'fence = greatest(noted.fence, excluded.fence)'])} "
        "WHERE noted.fence <= excluded.fence OR excluded.fence = 0"
    )
    if changed == 0:
        query = f"SELECT fence FROM {rendered(notes)} WHERE environment = {literal(environment)}"
        noted = int(session.fetch(query).rows[0][0])
        raise FencedError(
            f"{environment} was taken over: the warehouse knows fence {noted}, and this process has {fence}.",
            noted=noted, hint="nothing was published. Run it again: what was built is found.",
        )  # fmt: skip
