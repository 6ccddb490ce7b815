"""Publishes on DuckDB: every view and the note of it in one transaction."""

from __future__ import annotations

from itertools import chain

from dryland.engines import duckdb_adopt
from dryland.engines.duckdb_catalogue import Catalogue, read_catalogue
from dryland.engines.duckdb_names import folded, literal, rendered
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.duckdb_views import readers_last
from dryland.engines.protocol import Publication
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError

NOTES = "published"  # environment -> release, in the store; changes in the very transaction that swaps the views
NOTES_COLUMNS = "environment TEXT PRIMARY KEY, release TEXT, published_at TIMESTAMPTZ"


def publish(session: DuckDBSession, publication: Publication, database: str, store_schema: str) -> None:
    """Swap all views, drop, move and note, or change nothing.

    Raises:
        InTheWayError: what somebody else made stands where a view is to be published, or cannot be moved.
    """
    with session.transaction():
        session.create_schema({(name.database, name.schema) for name in publication.views})
        catalogue = read_catalogue(session, _schemas(publication))
        _verify_free(publication, catalogue, store_schema)
        duckdb_adopt.take_over(session, publication.moves, catalogue)
        session.drop((name, "view") for name in publication.drops if catalogue[name].is_ours(store_schema))
        statements = [
            f"CREATE OR REPLACE VIEW {rendered(name)} AS SELECT * FROM {rendered(store)}"
            for name, store in _in_binding_order(publication, catalogue)
        ]
        if statements:
            session.execute(";\n".join(statements))  # one round trip: 1,000 views one by one take seconds
        duckdb_adopt.hand_back(session, publication.returns, catalogue, store_schema)
        _note(session, publication, database, store_schema)


def published(session: DuckDBSession, database: str, store_schema: str) -> dict[str, str]:
    """Environment -> release."""
    if not _type_of_notes(session, database, store_schema):
        return {}
    notes = rendered(Relation(database, store_schema, NOTES))
    return dict(session.fetch(f"SELECT environment, CAST(release AS TEXT) FROM {notes}").rows)


def forget(session: DuckDBSession, environment: str, database: str, store_schema: str) -> None:
    """Drop an environment's note."""
    if environment in published(session, database, store_schema):
        notes = rendered(Relation(database, store_schema, NOTES))
        session.execute(f"DELETE FROM {notes} WHERE environment = {literal(environment)}")


def _note(session: DuckDBSession, publication: Publication, database: str, store_schema: str) -> None:
    notes = rendered(Relation(database, store_schema, NOTES))
    kind = _type_of_notes(session, database, store_schema)
    if not kind:
        session.execute(f"CREATE TABLE {notes} ({NOTES_COLUMNS})")
    elif kind != "VARCHAR":  # made when releases were noted by their number
        session.execute(f"ALTER TABLE {notes} ALTER COLUMN release TYPE TEXT")
    note = f"{literal(publication.environment)}, {literal(publication.release)}, now()"
    session.execute(f"INSERT OR REPLACE INTO {notes} VALUES ({note})")


def _type_of_notes(session: DuckDBSession, database: str, store_schema: str) -> str:
    """The type of what is noted of a release; empty while nothing is."""
    place = ", ".join(literal(part) for part in (database, store_schema, NOTES, "release"))
    rows = session.fetch(
        "SELECT data_type FROM duckdb_columns() "
        f"WHERE (database_name, schema_name, table_name, column_name) = ({place})"
    ).rows
    return str(rows[0][0]) if rows else ""


def _schemas(publication: Publication) -> set[str]:
    both_ends = chain(*publication.returns.items())
    return {name.schema for name in (*publication.views, *publication.drops, *publication.moves, *both_ends)}


def _verify_free(publication: Publication, catalogue: Catalogue, store_schema: str) -> None:
    """Only our own views are replaced."""
    moved = {folded(name) for name in publication.moves}
    blocked = sorted(
        str(name)
        for name in publication.views
        if name in catalogue and folded(name) not in moved and not catalogue[name].is_ours(store_schema)
    )
    if blocked:
        raise InTheWayError(
            f"tables or views that Dryland did not make stand at {', '.join(blocked)}.",
            objects=tuple(blocked),
            hint="`dryland apply --adopt` takes them over, and a rollback brings them back.",
        )


def _in_binding_order(publication: Publication, catalogue: Catalogue) -> list[tuple[Relation, Relation]]:
    """Taken-over views read names, not builds: those names have to stand again before they are read."""
    views = {name: catalogue[name].sql for name in publication.moves if catalogue[name].kind == "view"}
    by_name = {folded(name): name for name in publication.views}
    last = [by_name[folded(name)] for name in readers_last(views) if folded(name) in by_name]
    first = [name for name in publication.views if name not in set(last)]
    return [(name, publication.views[name]) for name in (*first, *last)]
