"""Opens DuckDB: one file, one connection in this process, a cursor for every thread."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from dryland.engines import duckdb_publish
from dryland.engines.duckdb_errors import LINE, explained, lock_conflict
from dryland.engines.duckdb_names import folded, literal, quoted, rendered
from dryland.engines.duckdb_seeds import infer_types
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.protocol import Publication
from dryland.engines.registry import Address
from dryland.engines.relation import Column, Found, Relation
from dryland.errors import ConfigError, QueryError

KNOWN_SETTINGS = frozenset(
    {"type", "path", "schema", "database", "threads", "settings", "config_options", "extensions", "attach"}
)
PAUSE_S = 0.05  # between two attempts to open a file that another process holds; DuckDB opens in 15 ms
PATIENCE_S = 1.0  # after which the person is told who holds it


def open_warehouse(address: Address) -> DuckDBEngine:
    """Open the file of a profile, waiting for another process to let go of it.

    Raises:
        WarehouseLockedError: another process still holds it after `address.wait_s`.
    """
    settings = address.settings
    unknown = sorted(settings.keys() - KNOWN_SETTINGS)
    if unknown:
        raise ConfigError(
            f"the DuckDB profile has settings that Dryland does not know: {', '.join(unknown)}.",
            hint=f"it knows {', '.join(sorted(KNOWN_SETTINGS))}.",
        )
    path = str(settings.get("path", ":memory:"))
    file = None if path == ":memory:" else (address.root / path).resolve()
    config = {**(settings.get("config_options") or {}), **(settings.get("settings") or {})}
    connection = _patiently(file, config, address)
    engine = DuckDBEngine(connection, address)
    try:
        engine.prepare()
    except BaseException:
        engine.close()
        raise
    return engine


def _patiently(file: Path | None, config: Mapping[str, Any], address: Address) -> duckdb.DuckDBPyConnection:
    began, told = time.monotonic(), False
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            return duckdb.connect(str(file) if file else ":memory:", config=dict(config))
        except duckdb.Error as error:
            held = lock_conflict(error, file) if file else None
            if held is None:
                raise explained(error) from error
            waited = time.monotonic() - began
            if waited > address.wait_s:
                raise held from None
            if waited > PATIENCE_S and not told and address.on_wait:
                address.on_wait(f"waiting: {held.message}")
                told = True
            time.sleep(PAUSE_S * (0.5 + random.random()))


class DuckDBEngine:
    """An open DuckDB warehouse."""

    name = "duckdb"
    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection, address: Address) -> None:
        self._connection = connection
        self._address = address
        self._sessions: set[DuckDBSession] = set()
        self._lock = threading.Lock()
        self.database = str(connection.execute("SELECT current_database()").fetchall()[0][0])

    def prepare(self) -> None:
        """Load extensions, attach databases and make the store, as the profile says."""
        settings = self._address.settings
        for extension in settings.get("extensions") or ():
            self._load_extension(extension if isinstance(extension, str) else str(extension["name"]))
        for attachment in settings.get("attach") or ():
            self._attach(attachment)
        with self.session() as session:
            store = self._address.store_schema
            schemas = {row[0] for row in session.fetch("SELECT schema_name FROM duckdb_schemas()").rows}
            if store not in schemas:
                session.create_schema([(self.database, store)])

    @contextmanager
    def session(self) -> Iterator[DuckDBSession]:
        """A session for the calling thread."""
        session = DuckDBSession(self._connection.cursor())
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
        self._connection.close()

    def cancel(self) -> None:
        """Stop every running statement of every session."""
        with self._lock:
            for session in self._sessions:
                session.interrupt()

    def render(self, relation: Relation) -> str:
        """The quoted name for use in SQL."""
        return rendered(relation)

    def list_relations(self, schemas: Iterable[tuple[str, str]]) -> tuple[Found, ...]:
        """Everything in these (database, schema) pairs, in one query."""
        asked = {(database.lower(), schema.lower()): (database, schema) for database, schema in schemas}
        if not asked:
            return ()
        query = f"""
            SELECT database_name, schema_name, table_name, 'table', '' FROM duckdb_tables()
            WHERE NOT internal AND (lower(database_name), lower(schema_name)) IN ({_pairs(asked)})
            UNION ALL
            SELECT database_name, schema_name, view_name, 'view', sql FROM duckdb_views()
            WHERE NOT internal AND (lower(database_name), lower(schema_name)) IN ({_pairs(asked)})
            ORDER BY 1, 2, 3
        """
        with self.session() as session:
            answer = session.fetch(query)
        notes = Relation(self.database, self._address.store_schema, duckdb_publish.NOTES)
        found = (
            Found(Relation(*asked[database.lower(), schema.lower()], name), kind, sql or "")
            for database, schema, name, kind, sql in answer.rows
        )
        return tuple(each for each in found if folded(each.relation) != folded(notes))

    def columns(self, relations: Iterable[Relation]) -> dict[Relation, tuple[Column, ...]]:
        """The columns of those that exist, in one query."""
        wanted = sorted(set(relations))
        if not wanted:
            return {}
        places = {(relation.database.lower(), relation.schema.lower()) for relation in wanted}
        names = literal(sorted({relation.name.lower() for relation in wanted}))
        query = f"""
            SELECT database_name, schema_name, table_name, column_name, data_type FROM duckdb_columns()
            WHERE (lower(database_name), lower(schema_name)) IN ({_pairs(places)})
              AND lower(table_name) IN (SELECT unnest({names}))
            ORDER BY database_name, schema_name, table_name, column_index
        """
        with self.session() as session:
            answer = session.fetch(query)
        found: dict[Relation, list[Column]] = {}
        for database, schema, name, column, kind in answer.rows:
            found.setdefault(folded(Relation(database, schema, name)), []).append(Column(column, kind))
        return {relation: tuple(found[folded(relation)]) for relation in wanted if folded(relation) in found}

    def publish(self, publication: Publication) -> None:
        """Swap all views and note the release, in one transaction."""
        with self.session() as session:
            duckdb_publish.publish(session, publication, self.database, self._address.store_schema)

    def published(self) -> dict[str, str]:
        """Environment -> release, as noted by the last `publish` that committed."""
        with self.session() as session:
            return duckdb_publish.published(session, self.database, self._address.store_schema)

    def forget(self, environment: str) -> None:
        """Drop an environment's note."""
        with self.session() as session:
            duckdb_publish.forget(session, environment, self.database, self._address.store_schema)

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

    def _load_extension(self, name: str) -> None:
        with self.session() as session:
            try:
                session.execute(f"LOAD {quoted(name)}")
            except QueryError:
                session.execute(f"INSTALL {quoted(name)}")
                session.execute(f"LOAD {quoted(name)}")

    def _attach(self, attachment: Mapping[str, Any]) -> None:
        path = str(attachment["path"])
        place = path if "://" in path else str((self._address.root / path).resolve())
        options = [f"TYPE {quoted(str(attachment['type']))}"] if attachment.get("type") else []
        options += ["READ_ONLY"] if attachment.get("read_only") else []
        alias = str(attachment.get("alias") or Path(path).stem)
        how = f" ({', '.join(options)})" if options else ""
        with self.session() as session:
            session.execute(f"ATTACH IF NOT EXISTS {literal(place)} AS {quoted(alias)}{how}")


def _pairs(places: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"({literal(database)}, {literal(schema)})" for database, schema in sorted(places))
