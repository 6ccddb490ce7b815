"""Opens DuckDB: one file, one connection in this process, a cursor for every thread."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from dryland.beside import beside
from dryland.engines import duckdb_files, duckdb_notes, duckdb_profile, duckdb_publish
from dryland.engines.duckdb_catalogue import columns_of, relations_in
from dryland.engines.duckdb_errors import LINE, explained, lock_conflict
from dryland.engines.duckdb_memory import Memory
from dryland.engines.duckdb_names import folded, rendered
from dryland.engines.duckdb_plugins import Plugins
from dryland.engines.duckdb_profile import add_module_paths, verify_reachable
from dryland.engines.duckdb_read_only import DuckDBStream, lock, reading
from dryland.engines.duckdb_retries import patience_s, patient
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.duckdb_threads import Threads
from dryland.engines.plugin_source import PluginSource
from dryland.engines.profile_keys import verify_settings
from dryland.engines.protocol import Others
from dryland.engines.publication import Publication
from dryland.engines.read_only import Bounds
from dryland.engines.registry import Address
from dryland.engines.relation import BoundView, Column, Found, Relation
from dryland.engines.seed_types import infer_types
from dryland.timings import timed

PAUSE_S = 0.05  # between two attempts to open a file that another process holds; DuckDB opens in 15 ms
SERVICES = ("md:", "motherduck:")  # no file of one process
PATIENCE_S = 1.0  # after which the person is told who holds it


def open_warehouse(address: Address) -> DuckDBEngine:
    """Open the file of a profile, waiting for another process to let go of it.

    Raises:
        WarehouseLockedError: another process still holds it after `address.wait_s`.
    """
    settings = address.settings
    verify_settings("duckdb", settings)
    verify_reachable(settings)
    add_module_paths(address)
    connection = _patiently(_file(address), _config(address), address)
    engine = DuckDBEngine(connection, address)
    try:
        engine.prepare()
    except BaseException:
        engine.close()
        raise
    return engine


@contextmanager
def opened_ahead(address: Address) -> Iterator[None]:
    """Open the file in a thread of its own while the caller imports what it needs, and hold it until the caller does.

    Reading the catalogue of a thousand tables takes a tenth of a second and no Python. Whatever is wrong with the file
    is said when it is opened in earnest; a file that is not there is not made.
    """
    held: list[duckdb.DuckDBPyConnection] = []
    try:
        with beside(lambda: _hold(held, address), "open warehouse"):
            yield
    finally:
        for connection in held:
            connection.close()


def _hold(held: list[duckdb.DuckDBPyConnection], address: Address) -> None:
    file = _file(address)
    if file and file.exists():
        with suppress(Exception):
            held.append(duckdb.connect(str(file), config=_config(address), read_only=address.is_read_only))


def _file(address: Address) -> Path | None:
    path = str(address.settings.get("path", ":memory:"))
    return None if path == ":memory:" else (address.root / path).resolve()


def _config(address: Address) -> dict[str, Any]:
    beside = {"file_search_path": str(address.root.resolve())}  # as for dbt, which runs in the project's folder
    return {**beside, **(address.settings.get("config_options") or {})}


def _patiently(file: Path | None, config: Mapping[str, Any], address: Address) -> duckdb.DuckDBPyConnection:
    began, told = time.monotonic(), False
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            return duckdb.connect(
                str(file) if file else ":memory:", config=dict(config), read_only=address.is_read_only
            )
        except duckdb.Error as error:
            held = lock_conflict(error, file) if file else None
            if held is None:
                raise explained(error) from error
            waited = time.monotonic() - began
            if waited > patience_s(address.settings, address.wait_s):
                raise held from None
            if waited > PATIENCE_S and not told and address.on_wait:
                address.on_wait(f"waiting: {held.message}")
                told = True
            with timed("held by another process"):
                time.sleep(PAUSE_S * (0.5 + random.random()))


class DuckDBEngine:
    """An open DuckDB warehouse."""

    name = "duckdb"
    dialect = "duckdb"
    name_bytes_max = None

    def __init__(self, connection: duckdb.DuckDBPyConnection, address: Address) -> None:
        self._connection = connection
        self._address = address
        self._sessions: set[DuckDBSession] = set()
        self._plugins = Plugins(address.settings, address.database)
        self._said_by_each: tuple[str, ...] = ()  # settings that a session has for itself
        self._lock = threading.Lock()
        self._threads = Threads()
        self._memory = Memory()
        self.database = str(connection.execute("SELECT current_database()").fetchall()[0][0])
        self.files = duckdb_files.folder_of(address)
        self.is_shared = str(address.settings.get("path", "")).startswith(SERVICES)

    def prepare(self) -> None:
        """Do what the profile says, and make the store."""
        self._said_by_each = duckdb_profile.equip(self._connection, self._address, self._plugins)
        if self._address.is_read_only:
            lock(self._connection, self.files, keeps_settings=not self._said_by_each)
            return
        with self.session() as session:
            store = self._address.store_schema
            schemas = {row[0] for row in session.fetch("SELECT schema_name FROM duckdb_schemas()").rows}
            if store not in schemas:
                session.create_schema([(self.database, store)])

    @contextmanager
    def session(self) -> Iterator[DuckDBSession]:
        """A session for the calling thread."""
        session = DuckDBSession(self._cursor())
        with self._lock:
            self._sessions.add(session)
        try:
            yield session
        finally:
            with self._lock:
                self._sessions.discard(session)
            session.close()

    def close(self) -> None:
        """Let go of the file."""
        self._memory.wait()
        self._connection.close()

    def cancel(self) -> None:
        """Stop every running statement of every session."""
        with self._lock:
            for session in self._sessions:
                session.interrupt()

    def spare_threads(self, read: Iterable[Relation]) -> bool:
        """Have every statement done by the thread that asks for it, if all of these are small tables."""
        with self.session() as session:
            return not self.is_shared and self._threads.spare(session, read)

    def use_threads(self) -> None:
        """Have all threads at work again."""
        with self.session() as session:
            self._threads.use(session)

    def write_down(self) -> None:
        """Begin to put what was written where it stays."""
        self._memory.write_down(self._connection.cursor())

    def spare_memory(self, others: Others) -> None:
        """Write down what is in memory once it is much, and let go of it."""
        with self._connection.cursor() as cursor:  # that nobody cancels: a limit which is lowered is raised again
            self._memory.spare(cursor, others)

    def render(self, relation: Relation) -> str:
        """The quoted name for use in SQL."""
        return rendered(relation)

    def unquoted(self, name: str) -> str:
        """The same: DuckDB keeps the case in which names are written."""
        return name

    def list_relations(self, schemas: Iterable[tuple[str, str]]) -> tuple[Found, ...]:
        """Everything in these (database, schema) pairs, in one query; a build whose file is gone is not there."""
        with self.session() as session:
            found = relations_in(session, schemas)
        notes = Relation(self.database, self._address.store_schema, duckdb_notes.NOTES)
        whole = (each for each in found if duckdb_files.is_whole(each.definition, self.files))
        return tuple(each for each in whole if folded(each.relation) != folded(notes))

    def columns(self, relations: Iterable[Relation]) -> dict[Relation, tuple[Column, ...]]:
        """The columns of those that exist, in one query."""
        with self.session() as session:
            return columns_of(session, relations)

    def bound_views(self, names: Iterable[Relation]) -> tuple[BoundView, ...]:
        """None: DuckDB's views read names."""
        return ()

    def reading(self, format: str, path: str, options: Mapping[str, Any]) -> str:  # noqa: A002 - as in dbt
        """The call of `read_csv` or its like, to stand in a FROM."""
        return duckdb_files.reading(format, path, options)

    @contextmanager
    def read_only(self, sql: str, bounds: Bounds) -> Iterator[DuckDBStream]:
        """The answer to a stranger's query, in a transaction that cannot write."""
        with self.session() as session, reading(session, sql, bounds) as stream:
            yield stream

    def sweep_files(self, builds: Collection[str]) -> tuple[str, ...]:
        """Remove the files of all builds but these."""
        return duckdb_files.sweep(self.files, builds)

    def load_source(self, plugin: str, source: PluginSource) -> None:
        """Make a source's table of what a plugin of the profile gives for it."""
        with self.session() as session:
            self._plugins.bring(plugin, source, session)

    def file_marks(self, expressions: Iterable[str]) -> dict[str, str]:
        """What the local files behind expressions that DuckDB reads are like."""
        wanted = list(expressions)
        if not wanted:
            return {}
        from dryland.engines.duckdb_file_marks import file_marks  # imports what parses expressions

        with self.session() as session:
            return file_marks(session, wanted)

    def publish(self, publication: Publication) -> None:
        """Swap all views and note the release, in one transaction."""
        self._memory.wait()
        with self.session() as session:
            duckdb_publish.publish(session, publication, self.database, self._address.store_schema)

    def complete(self, publication: Publication) -> None:
        """Swap the views in attached databases, which follow the note."""
        with self.session() as session:
            duckdb_publish.complete(session, publication, self.database, self._address.store_schema)

    def published(self) -> dict[str, str]:
        """Environment -> release, as noted by the last `publish` that committed."""
        with self.session() as session:
            return duckdb_notes.published(session, self.database, self._address.store_schema)

    def fence(self, environment: str, fence: int) -> None:
        """Note a fence, and leave the release that is noted."""
        with self.session() as session:
            duckdb_notes.note_fence(session, environment, fence, self.database, self._address.store_schema)

    def evict(self, process: str) -> None:
        """Nothing: a process that has the file is alone with it."""

    def forget(self, environment: str) -> None:
        """Drop the note of what an environment shows."""
        with self.session() as session:
            duckdb_notes.forget(session, environment, self.database, self._address.store_schema)

    def infer_seed_types(self, path: str, delimiter: str, declared: Mapping[str, str]) -> dict[str, str]:
        """The type of every column of a CSV file: as declared, else what dbt would infer."""
        return infer_types(Path(path), delimiter, declared)

    def syntax_error(self, sql: str) -> tuple[str, int] | None:
        """DuckDB's own opinion of a statement: (message, line), or None when it parses."""
        try:
            duckdb.extract_statements(sql)
        except duckdb.Error as error:
            found = LINE.search(str(error))
            return str(error).splitlines()[0], int(found[1]) if found else 1
        return None

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        for statement in self._said_by_each:
            cursor.execute(statement)
        self._plugins.configure_session(cursor)
        return patient(cursor, self._address.settings)
