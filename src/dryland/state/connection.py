"""Connects to the metadata database: transactions, errors in our words, and rows written at most once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from dryland.errors import StateError
from dryland.timings import timed

CHUNK = 500  # bound parameters of one statement stay far below SQLite's limit
P = ParamSpec("P")
R = TypeVar("R")


class Connected:
    """One database. Safe to use from several threads; every method is one transaction, or part of its caller's."""

    def __init__(self, engine: sa.Engine, place: str, reading: Mapping[str, Any]) -> None:
        self._engine = engine
        self._place = place
        self._reading = reading  # how a transaction is opened that only reads
        self._thread = threading.local()

    def close(self) -> None:
        """Let go of the store."""
        self._engine.dispose()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            from dryland.state.failures import explained

            raise explained(error, self._place) from error

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection whose writes belong together: all of them or nothing, after those of others.

        What a thread does with the store meanwhile is part of the same transaction.
        """
        outer = self._in_transaction
        if outer is not None:
            yield outer
            return
        with timed("metadata"), self.guarded(), ExitStack() as stack:
            connection = self._begun(stack)
            self._thread.connection = connection
            try:
                yield connection
            finally:
                self._thread.connection = None

    def _begun(self, stack: ExitStack) -> sa.Connection:
        """A new transaction; nothing was done in one whose connection was lost already, so there is another."""
        try:
            return stack.enter_context(self._engine.begin())
        except sa.exc.DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return stack.enter_context(self._engine.begin())

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection whose reads belong together: they see one moment, and wait for nobody."""
        outer = self._in_transaction
        if outer is not None:
            yield outer
            return
        with timed("metadata"), self.guarded(), self._engine.connect() as connection:
            yield connection.execution_options(**self._reading)

    @contextmanager
    def together(self) -> Iterator[None]:
        """What this thread reads meanwhile is of one moment."""
        with self.reading() as connection:
            outer, self._thread.connection = self._in_transaction, connection
            try:
                yield
            finally:
                self._thread.connection = outer

    @property
    def is_in_transaction(self) -> bool:
        """Whether this thread writes now."""
        return self._in_transaction is not None

    @property
    def _in_transaction(self) -> sa.Connection | None:
        """The transaction in which this thread writes."""
        return getattr(self._thread, "connection", None)

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


def again(method: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
    """A method that may be done twice: it is, where the first time failed for what passes."""

    @wraps(method)
    def patiently(store: Connected, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(store, *args, **kwargs)
        except StateError as error:
            if not error.is_passing or store.is_in_transaction:
                raise
        return method(store, *args, **kwargs)

    return patiently


def chunks(keys: Iterable[Any]) -> Iterator[list[Any]]:
    """The keys in lists short enough for one statement."""
    listed = list(keys)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


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
    if "://" not in url:  # taken for a file it would put a password into the name of a folder
        raise StateError(
            "`state` in dryland.yml is no URL of a database.",
            hint="sqlite:///PATH or postgresql://USER@HOST/DATABASE.",
        )
    return url
