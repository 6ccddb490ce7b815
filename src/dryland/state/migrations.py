"""Makes a new metadata store, and brings an older one forward, one version after the other."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from dryland.errors import StateError
from dryland.state import tables
from dryland.state.connection import Connected


def _remember_sources_and_places(connection: sa.Connection) -> None:
    for table in (tables.places, tables.rereadings, tables.refused_builds):
        table.create(connection, checkfirst=True)


def _tell_places_apart(connection: sa.Connection) -> None:
    """A database and where it is were one text; the next release writes both down anew."""
    columns = sa.inspect(connection).get_columns(tables.places.name, _schema(connection))
    if "where" not in {column["name"] for column in columns}:
        tables.places.drop(connection)
        tables.places.create(connection)


def _remember_who_is_at_work(connection: sa.Connection) -> None:
    for table in (tables.writers, tables.leases, tables.claims):
        table.create(connection, checkfirst=True)


def _remember_what_is_watched_and_who_may_what(connection: sa.Connection) -> None:
    """What readers saw when, for longer than releases are kept; those that are kept are the first."""
    for table in (
        tables.observations, tables.monitor_alerts, tables.source_shapes, tables.publications,
        tables.incidents, tables.incident_events, tables.mutes, tables.deliveries,
        tables.users, tables.api_tokens, tables.sessions, tables.sign_in_attempts, tables.audit,
    ):  # fmt: skip
        table.create(connection, checkfirst=True)
    for index in tables.pointers.indexes:
        index.create(connection, checkfirst=True)
    releases, known = tables.releases, sa.select(tables.publications.c.release)
    seen = sa.select(
        releases.c.id, releases.c.environment, releases.c.kind, releases.c.created_at, releases.c.parent,
        releases.c.author, releases.c.git_commit, releases.c.summary,
    ).where(releases.c.status.in_(("live", "superseded")), releases.c.id.not_in(known))  # fmt: skip
    names = [column.name for column in tables.publications.columns]
    connection.execute(tables.publications.insert().from_select(names, seen))


def _remember_what_is_usual_and_groups(connection: sa.Connection) -> None:
    """Tokens of people whom a provider vouches for had no groups: these end, for nobody knows them any more."""
    tables.monitor_habits.create(connection, checkfirst=True)
    table = tables.api_tokens
    there = {each["name"] for each in sa.inspect(connection).get_columns(table.name, _schema(connection))}
    if "groups" not in there:
        known = sa.select(*(column for column in table.columns if column.name in there))
        kept = connection.execute(known.where(table.c.owner.in_(sa.select(tables.users.c.name)))).mappings().all()
        table.drop(connection)
        table.create(connection)
        if kept:
            connection.execute(table.insert(), [{**row, "groups": []} for row in kept])


def _remember_scores(connection: sa.Connection) -> None:
    tables.quality_scores.create(connection, checkfirst=True)


MIGRATIONS: tuple[Callable[[sa.Connection], None], ...] = (
    _remember_sources_and_places, _tell_places_apart, _remember_who_is_at_work,
    _remember_what_is_watched_and_who_may_what, _remember_what_is_usual_and_groups,
    _remember_scores,
)  # fmt: skip
"""The n-th brings version n to version n+1."""

VERSION = 1 + len(MIGRATIONS)


def bring_forward(store: Connected) -> None:
    """Make the tables of a new store; of an older one run what is missing, each migration with its version.

    Each is one transaction.

    Raises:
        StateError: the store is newer than this Dryland.
    """
    with store.reading() as connection:
        version = _recorded(connection)
    if not version:
        version = _made(store)
    if version > VERSION:
        raise StateError(
            f"the metadata store has version {version}; this Dryland knows up to {VERSION}.",
            hint="use the Dryland that wrote it, or a newer one.",
        )
    for number, migrate in enumerate(MIGRATIONS[version - 1 :], start=version + 1):
        with store.writing() as connection:
            if _recorded(connection) >= number:  # two processes may open a store at once
                continue
            migrate(connection)
            _record(connection, number)


def _made(store: Connected) -> int:
    """The version of a store after this: another process, of another Dryland, may have been faster."""
    with store.writing() as connection:
        version = _recorded(connection)
        if not version:
            _create(connection)
            _record(connection, VERSION)
    return version or VERSION


def _create(connection: sa.Connection) -> None:
    schema, there = _schema(connection), sa.inspect(connection)
    if schema is not None and not there.has_schema(schema):
        connection.execute(sa.schema.CreateSchema(schema))
    names = frozenset(there.get_table_names(schema))  # asked once, not for each table
    missing = [table for table in tables.metadata.sorted_tables if table.name not in names]
    tables.metadata.create_all(connection, tables=missing, checkfirst=False)


def _recorded(connection: sa.Connection) -> int:
    if not sa.inspect(connection).has_table(tables.meta.name, schema=_schema(connection)):
        return 0
    return connection.execute(sa.select(sa.func.max(tables.meta.c.version))).scalar() or 0


def _record(connection: sa.Connection, version: int) -> None:
    connection.execute(tables.meta.delete())
    connection.execute(tables.meta.insert().values(version=version))


def _schema(connection: sa.Connection) -> str | None:
    """The schema that holds the tables; None where the database is for them alone."""
    schema: str | None = connection.schema_for_object(tables.meta)
    return schema
