"""Connects to the metadata database: transactions, errors in our words, and rows written at most once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dryland.errors import StateError

CHUNK = 500  # bound parameters of one statement stay far below SQLite's limit
UPSERTS: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


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
    def transaction(self) -> Iterator[sa.Connection]:
        """All of it or nothing."""
        with self.guarded(), self._engine.begin() as connection:
            yield connection

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A connection whose reads belong together."""
        return self.transaction()

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A connection whose writes belong together."""
        return self.transaction()

    def put(
        self, connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]], *, update: tuple[str, ...]
    ) -> None:
        """Insert rows; where the key exists, replace the columns of `update` or leave the row as it is."""
        if not rows:
            return
        statement = UPSERTS[self._engine.dialect.name](table)
        key = list(table.primary_key)
        if update:
            changes = {name: statement.excluded[name] for name in update}
            connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changes), rows)
        else:
            connection.execute(statement.on_conflict_do_nothing(index_elements=key), rows)

    def by_key(self, table: sa.Table, column: sa.Column[Any], keys: Iterable[str]) -> list[Any]:
        """The rows with these keys."""
        with self.transaction() as connection:
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
