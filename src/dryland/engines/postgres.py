"""Opens PostgreSQL: a connection for every session that is in use at once, kept for the next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg import errors, pq

from dryland.engines import postgres_notes, postgres_publish
from dryland.engines.plugin_source import PluginSource
from dryland.engines.postgres_address import connected, name_for
from dryland.engines.postgres_catalogue import columns_of, relations_in
from dryland.engines.postgres_names import NAME_BYTES_MAX, literal, rendered
from dryland.engines.postgres_read_only import PostgresStream, reading
from dryland.engines.postgres_readers import bound_to
from dryland.engines.postgres_seeds import infer_types
from dryland.engines.postgres_session import PostgresSession
from dryland.engines.profile_keys import verify_settings
from dryland.engines.protocol import Others
from dryland.engines.publication import Publication
from dryland.engines.read_only import Bounds
from dryland.engines.registry import Address
from dryland.engines.relation import BoundView, Column, Found, Relation
from dryland.errors import QueryError, UnsupportedError, WarehouseLostError

PUBLISH_WAIT_S = 300.0  # for readers who keep transactions open; nobody waits for us meanwhile
OF_SYNTAX = (errors.SyntaxError, errors.InvalidName)
T = TypeVar("T")
FILES_HINT = "load them into a table, with a seed or by `dryland ingest`."


def open_warehouse(address: Address) -> PostgresEngine:
    """Connect, and make sure that there is a store.

    Raises:
        WarehouseError: the server cannot be reached, or does not let us in.
    """
    verify_settings("postgres", address.settings)
    engine = PostgresEngine(address, connected(address.settings))
    try:
        engine.prepare()
    except BaseException:
        engine.close()
        raise
    return engine


class PostgresEngine:
    """An open PostgreSQL warehouse."""

    name = "postgres"
    dialect = "postgres"
    name_bytes_max = NAME_BYTES_MAX
    is_shared = True

    def __init__(self, address: Address, first: psycopg.Connection[Any]) -> None:
        self._address = address
        self._idle = [first]
        self._sessions: set[PostgresSession] = set()
        self._types: dict[tuple[int, int], str] = {}
        self._lock = threading.Lock()
        self.database = str(first.info.dbname)
        self.files = (address.root / ".dryland" / "warehouse.files").resolve()
        self._notes = postgres_notes.notes_in(self.database, address.store_schema)

    def prepare(self) -> None:
        """Make the store, unless it is there, or nothing is to be made."""
        if self._address.is_read_only:
            return
        self._answered(lambda session: session.create_schema([(self.database, self._address.store_schema)]))

    @contextmanager
    def session(self) -> Iterator[PostgresSession]:
        """A session for the calling thread."""
        connection = self._used() or connected(self._address.settings)
        session = PostgresSession(connection, self._address.settings, self._types)
        with self._lock:
            self._sessions.add(session)
        try:
            yield session
        finally:
            with self._lock:
                self._sessions.discard(session)
            self._take_back(connection)

    def close(self) -> None:
        """Let go of the warehouse."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def cancel(self) -> None:
        """Stop every running statement of every session."""
        with self._lock:
            sessions = list(self._sessions)
        for session in sessions:
            session.interrupt()

    def spare_threads(self, read: Iterable[Relation]) -> bool:
        """No: PostgreSQL begins no worker for what is small."""
        return False

    def use_threads(self) -> None:
        """Nothing: none were spared."""

    def spare_memory(self, others: Others) -> None:
        """Nothing: it is the server's."""

    def write_down(self) -> None:
        """Nothing: the server has done so."""

    def render(self, relation: Relation) -> str:
        """The quoted name for use in SQL."""
        return rendered(relation)

    def unquoted(self, name: str) -> str:
        """In lower case."""
        return name.lower()

    def list_relations(self, schemas: Iterable[tuple[str, str]]) -> tuple[Found, ...]:
        """Everything in these (database, schema) pairs, in one query."""
        wanted = set(schemas)
        found = self._answered(lambda session: relations_in(session, wanted, self.database))
        return tuple(each for each in found if each.relation != self._notes)

    def columns(self, relations: Iterable[Relation]) -> dict[Relation, tuple[Column, ...]]:
        """The columns of those that exist, in one query."""
        wanted = set(relations)
        return self._answered(lambda session: columns_of(session, wanted, self.database))

    def bound_views(self, names: Iterable[Relation]) -> tuple[BoundView, ...]:
        """The views of others that read these, with the columns that they read."""
        wanted = set(names)
        found = self._answered(lambda session: bound_to(session, wanted))
        return tuple(each for each in found if each.name.schema != self._address.store_schema)

    def reading(self, format: str, path: str, options: Mapping[str, Any]) -> str:  # noqa: A002 - as in dbt
        """Nothing: the server does not see our files.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(f"PostgreSQL reads no {format} files in queries.", hint=FILES_HINT)

    @contextmanager
    def read_only(self, sql: str, bounds: Bounds) -> Iterator[PostgresStream]:
        """The answer to a stranger's query, in a transaction that cannot write."""
        with self.session() as session, reading(session, sql, bounds) as stream:
            yield stream

    def sweep_files(self, builds: Collection[str]) -> tuple[str, ...]:
        """Nothing: no build is a file."""
        return ()

    def load_source(self, plugin: str, source: PluginSource) -> None:
        """Nothing: there are no plugins.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(f"PostgreSQL has no plugin `{plugin}` to load `{source.name}`.", hint=FILES_HINT)

    def file_marks(self, expressions: Iterable[str]) -> dict[str, str]:
        """Nothing: no source is a file."""
        return {}

    def publish(self, publication: Publication) -> None:
        """Swap all views and note the release, in one transaction; readers who are in the way are waited for."""
        patience_s = float(self._address.settings.get("publish_wait_s") or PUBLISH_WAIT_S)
        with self.session() as session:
            postgres_publish.publish(
                session, publication, self._address.store_schema,
                patience_s=patience_s, on_wait=self._address.on_wait,
            )  # fmt: skip

    def complete(self, publication: Publication) -> None:
        """Nothing: one transaction holds all of a publication."""

    def published(self) -> dict[str, str]:
        """Environment -> release, as noted by the last `publish` that committed."""
        return self._answered(lambda session: postgres_notes.published(session, self._notes))

    def fence(self, environment: str, fence: int) -> None:
        """Note a fence, and leave the release that is noted."""
        self._answered(lambda session: postgres_notes.note_fence(session, self._notes, environment, fence))

    def evict(self, process: str) -> None:
        """End the sessions of a process; not those of another role, or under a name of the profile's own."""
        name = literal(name_for(process))
        gone = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = {name}"
        with suppress(QueryError):
            self._answered(lambda session: session.fetch(gone))

    def forget(self, environment: str) -> None:
        """Drop the note of what an environment shows."""
        self._answered(lambda session: postgres_notes.forget(session, self._notes, environment))

    def infer_seed_types(self, path: str, delimiter: str, declared: Mapping[str, str]) -> dict[str, str]:
        """The type of every column of a CSV file: as declared, else what dbt would infer."""
        return infer_types(Path(path), delimiter, declared)

    def syntax_error(self, sql: str) -> tuple[str, int] | None:
        """The server's own opinion of a statement: (message, line); what it misses is no matter of syntax."""
        with self.session() as session:
            try:
                session.describe(sql)
            except QueryError as error:
                if isinstance(error.__cause__, OF_SYNTAX):
                    return error.message, error.sql_line or 1
        return None

    def _answered(self, ask: Callable[[PostgresSession], T]) -> T:
        """The answer to what may be asked twice: it is, when the connection was lost the first time."""
        try:
            with self.session() as session:
                return ask(session)
        except WarehouseLostError:
            with self.session() as session:
                return ask(session)

    def _used(self) -> psycopg.Connection[Any] | None:
        """A connection that somebody used before, as if it were new: without his temporary tables and settings.

        What the server has closed meanwhile is noticed here, before anything is sent that matters.
        """
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            with suppress(psycopg.Error):
                connection.execute("DISCARD ALL")
                return connection
            connection.close()

    def _take_back(self, connection: psycopg.Connection[Any]) -> None:
        """Keep a connection for the next session."""
        with suppress(psycopg.Error):
            if not connection.closed and connection.info.transaction_status != pq.TransactionStatus.IDLE:
                connection.execute("ROLLBACK")
        if connection.closed:
            return
        with self._lock:
            self._idle.append(connection)
