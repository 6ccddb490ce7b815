"""Connects to the metadata database: transactions, errors in our words, and rows written at most once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dryland.errors import StateError
from dryland.timings import timed

CHUNK = 500  # bound parameters of one statement stay far below SQLite's limit
PATIENCE_S = 10.0  # for another process to let go of a SQLite file
PAUSE_S = 0.02
BEGIN = "begin"  # execution option of ours: the statement that opens a transaction of SQLite
READING: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {BEGIN: "BEGIN"},
    "postgresql": {"isolation_level": "REPEATABLE READ"},
}


def prepare_sqlite(engine: sa.Engine) -> None:
    """Let SQLite's transactions hold what they promise; Python's driver opens them late, and none for reads.

    Writers line up before they read: one that starts as a reader is turned away when another wrote meanwhile.
    """

    def connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver begins nothing on its own
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = NORMAL")  # WAL survives a kill; a power cut costs a rebuild

    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN IMMEDIATE"))

    sa.event.listen(engine, "connect", connect)
    sa.event.listen(engine, "begin", begin)


def _write_ahead(connection: Any) -> None:
    """Readers do not wait for writers then. SQLite waits for no lock while it changes the journal, so we do."""
    began = time.monotonic()
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() - began > PATIENCE_S:
                raise
            time.sleep(PAUSE_S)
        else:
            return


class Connected:
    """One database. Safe to use from several threads; every method is one transaction."""

    def __init__(self, engine: sa.Engine, place: str) -> None:
        self._engine = engine
        self._place = place

    def close(self) -> None:
        """Let go of the store."""
        self._engine.dispose()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise StateError(
                f"the metadata store {self._place} could not be used: {cause}",
                hint="if the file is damaged, restore it from a `dryland state dump`, or move it away and apply again.",
            ) from error

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection whose writes belong together: all of them or nothing, after those of others."""
        with timed("metadata"), self.guarded(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection whose reads belong together: they see one moment, and wait for nobody."""
        with timed("metadata"), self.guarded(), self._engine.connect() as connection:
            yield connection.execution_options(**READING.get(self._engine.dialect.name, {}))

    def put(
        self, connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]], *, update: tuple[str, ...]
    ) -> None:
        """Insert rows; where the key exists, replace the columns of `update` or leave the row as it is."""
        if not rows:
            return
        dialect = import_module(f"sqlalchemy.dialects.{self._engine.dialect.name}")  # the one in use alone
        statement = dialect.insert(table)
        key = list(table.primary_key)
        if update:
            changes = {name: statement.excluded[name] for name in update}
            connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changes), rows)
        else:
            connection.execute(statement.on_conflict_do_nothing(index_elements=key), rows)

    def by_key(self, table: sa.Table, column: sa.Column[Any], keys: Iterable[str]) -> list[Any]:
        """The rows with these keys."""
        with self.reading() as connection:
            return [
                row for chunk in chunks(keys) for row in connection.execute(sa.select(table).where(column.in_(chunk)))
            ]


def chunks(keys: Iterable[Any]) -> Iterator[list[Any]]:
    """The keys in lists short enough for one statement."""
    listed = list(keys)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def now() -> datetime:
    """The time in UTC, as it is stored."""
    return datetime.now(UTC).replace(tzinfo=None)


def new_id(connection: sa.Connection, statement: sa.Insert) -> int:
    """Insert one row; the id that it was given."""
    key = connection.execute(statement).inserted_primary_key
    assert key is not None, "an insert of one row has a key"
    return int(key[0])


def resolved_url(url: str, root: Path) -> str:
    """A database URL as written in a project's file: a relative SQLite path is relative to the project."""
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return prefix + str(root / url.removeprefix(prefix))
    return url
