"""Brings an older metadata store forward, one version after the other."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from dryland.errors import StateError
from dryland.state import tables
from dryland.state.connection import READING


def _create(connection: sa.Connection) -> None:
    tables.metadata.create_all(connection)


def _remember_sources_and_places(connection: sa.Connection) -> None:
    for table in (tables.places, tables.rereadings, tables.refused_builds):
        table.create(connection, checkfirst=True)  # a new store has it already


def _tell_places_apart(connection: sa.Connection) -> None:
    """A database and where it is were one text; the next release writes both down anew."""
    if "where" not in {column["name"] for column in sa.inspect(connection).get_columns(tables.places.name)}:
        tables.places.drop(connection)
        tables.places.create(connection)


MIGRATIONS: tuple[Callable[[sa.Connection], None], ...] = (
    _create, _remember_sources_and_places, _tell_places_apart,
)  # fmt: skip
"""The n-th brings version n-1 to version n; a store's version is how many have run."""

VERSION = len(MIGRATIONS)


def bring_forward(engine: sa.Engine) -> None:
    """Run what is missing, each migration with its version in one transaction.

    Raises:
        StateError: the store is newer than this Dryland.
    """
    version = _version(engine)
    if version > VERSION:
        raise StateError(
            f"the metadata store has version {version}; this Dryland knows up to {VERSION}.",
            hint="use the Dryland that wrote it, or a newer one.",
        )
    for number, migrate in enumerate(MIGRATIONS[version:], start=version + 1):
        with engine.begin() as connection:
            if _recorded(connection) >= number:  # two processes may open a store at once
                continue
            migrate(connection)
            connection.execute(tables.meta.delete())
            connection.execute(tables.meta.insert().values(version=number))


def _version(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return _recorded(connection.execution_options(**READING.get(engine.dialect.name, {})))


def _recorded(connection: sa.Connection) -> int:
    if not sa.inspect(connection).has_table(tables.meta.name):
        return 0
    return connection.execute(sa.select(sa.func.max(tables.meta.c.version))).scalar() or 0
