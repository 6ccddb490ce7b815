"""Speaks to PostgreSQL for one thread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from itertools import islice
from typing import Any

import psycopg
from psycopg import errors, pq

from dryland.engines import postgres_files
from dryland.engines.postgres_catalogue import columns_of, relations_in, schemas_missing
from dryland.engines.postgres_errors import explained
from dryland.engines.postgres_names import literal, quoted, rendered
from dryland.engines.postgres_storage import drop_statements, filled_statements
from dryland.engines.protocol import Remark, Rows
from dryland.engines.relation import Column, Found, Relation, Storage
from dryland.errors import QueryError
from dryland.timings import timed

ROLLING_BACK = re.compile(r"\s*(rollback|abort)\b(?!.*\bto\b)", re.IGNORECASE | re.DOTALL)
OF_TRANSACTIONS = re.compile(r"\s*(begin|start\s+transaction|commit|end|rollback|abort)\b(?!.*\bto\b)", re.IGNORECASE)
SCHEMAS_LOCK = 0x6472796C616E64  # two that make the same schema at once would fail; a number of our own


class PostgresSession:
    """One connection. It commits each statement, unless a transaction is open."""

    def __init__(
        self, connection: psycopg.Connection[Any], place: str, types: dict[tuple[int, int], str], role: str = ""
    ) -> None:
        self._connection = connection
        self._place = place
        self._role = role or connection.info.user
        self._types = types  # names of types by their number, which all sessions of a warehouse share
        self.remark = Remark()
        self.storage = Storage()

    def execute(self, sql: str) -> int:
        """Run one statement; return the rows it changed, or -1 when unknown."""
        with self._run(sql) as cursor:
            return int(cursor.rowcount)

    @timed("warehouse")
    def fetch(self, sql: str, *, rows_max: int | None = None) -> Rows:
        """Run one query and return its rows."""
        if rows_max is not None and self._is_idle:
            return self._first_of(sql, rows_max)
        with self._run(sql) as cursor:
            while cursor.nextset():  # of several statements the last one answers
                pass
            if cursor.description is None:
                return Rows((), ())
            rows = cursor.fetchall() if rows_max is None else cursor.fetchmany(rows_max)
            return Rows(tuple(each.name for each in cursor.description), tuple(rows))

    def fetch_inside(self, sql: str) -> Rows:
        """Run statements of somebody else within the caller's transaction; return the rows of the last."""
        from dryland.engines.postgres_statements import statements  # imports what takes SQL apart

        rows = Rows((), ())
        for statement in statements(sql):
            if not OF_TRANSACTIONS.match(statement):
                rows = self.fetch(statement)
            elif ROLLING_BACK.match(statement):
                raise QueryError(
                    "a transaction that belongs to a build cannot be rolled back from within.", sql=sql,
                    hint="fail instead: exceptions.raise_compiler_error(...) undoes all that was done.",
                )  # fmt: skip
        return rows

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside, or roll it back when it raises."""
        self._send("BEGIN")
        try:
            yield
            if self._connection.info.transaction_status == pq.TransactionStatus.INERROR:
                raise QueryError("a statement of the transaction had failed before its end.")  # COMMIT would not tell
            self._send("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    @timed("warehouse")
    def describe(self, query: str) -> tuple[Column, ...]:
        """The columns of a query, without running it."""
        with self._guarded(query), self._connection.lock:
            pgconn = self._connection.pgconn
            for result in (pgconn.prepare(b"", query.encode()), pgconn.describe_prepared(b"")):
                if result.status != pq.ExecStatus.COMMAND_OK:
                    raise psycopg.errors.error_from_result(result, encoding="utf-8")
        kinds = [(result.ftype(at), result.fmod(at)) for at in range(result.nfields)]
        names = self._type_names(kinds)
        return tuple(
            Column((result.fname(at) or b"").decode(), names[kind]) for at, kind in enumerate(kinds)
        )  # fmt: skip

    def list_relations(self, schemas: Iterable[tuple[str, str]]) -> tuple[Found, ...]:
        """Everything in these (database, schema) pairs, in one query."""
        return relations_in(self, schemas, self.database)

    def columns(self, relations: Iterable[Relation]) -> dict[Relation, tuple[Column, ...]]:
        """The columns of those that exist, in one query."""
        return columns_of(self, relations, self.database)

    def create_schema(self, schemas: Iterable[tuple[str, str]]) -> None:
        """Make sure that these (database, schema) pairs exist; who may not make any needs none to be made."""
        missing = schemas_missing(self, {schema for _, schema in schemas})
        if missing:
            made = [f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}" for schema in missing]
            self._send(";\n".join((f"SELECT pg_advisory_xact_lock({SCHEMAS_LOCK})", *made)))

    def create_table_as(self, target: Relation, query: str) -> None:
        """Build `target` from a query, atomically."""
        name = rendered(target)
        before = f"DROP TABLE IF EXISTS {name};\nCREATE {self.storage.unlogged}TABLE {name} AS (\n"
        with self._run(query, before=before, after="\n)"):
            return

    def create_view(self, target: Relation, query: str) -> None:
        """Create or replace the view `target`."""
        name = rendered(target)

        def make(verb: str) -> None:
            with self._run(query, before=f"{verb} VIEW {name} AS (\n", after="\n)"):
                return

        def make_anew() -> None:
            self._send(f"DROP VIEW {name}")
            make("CREATE")

        self._otherwise(lambda: make("CREATE OR REPLACE"), errors.InvalidTableDefinition, make_anew)

    def load(self, target: Relation, data: object, types: Mapping[str, str] | None = None) -> None:
        """Build `target` from a frame, Arrow data, or what `table` gives.

        Raises:
            ModelError: it is none of these.
        """
        from dryland.engines.postgres_frames import load_frame  # imports what reads frames

        load_frame(self, target, data, types)

    def load_csv(self, target: Relation, path: str, types: Mapping[str, str], delimiter: str = ",") -> None:
        """Build `target` from a CSV file with a header; empty fields are NULL."""
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in types.items())
        with self._whole():
            self._send(f"DROP TABLE IF EXISTS {rendered(target)}")
            self._send(f"CREATE {self.storage.unlogged}TABLE {rendered(target)} ({columns})")
            postgres_files.copy_csv_in(self, rendered(target), path, types, delimiter)

    def copy_to_file(self, query: str, path: str, options: Mapping[str, str] | None = None) -> int:
        """Write a query's rows to a CSV or Parquet file in place of what is there; return how many."""
        return postgres_files.copy_out(self, query, path, options or {})

    def clone_table(self, source: Relation, target: Relation) -> None:
        """Build `target` as a copy of `source`, with the constraints that its rows keep."""
        old, new = rendered(source), rendered(target)
        kept = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING IDENTITY INCLUDING GENERATED INCLUDING STORAGE"
        with self._whole():
            self._send(
                f"DROP TABLE IF EXISTS {new};\nCREATE {self.storage.unlogged}TABLE {new} (LIKE {old} {kept});\n"
                f"INSERT INTO {new} OVERRIDING SYSTEM VALUE SELECT * FROM {old}"
            )
            keys = self.fetch(
                f"""SELECT pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint
                WHERE conrelid = {literal(old)}::regclass AND contype IN ('p', 'u') ORDER BY conname"""
            ).rows
            for (definition,) in keys:  # after the rows: an index that is there already makes each of them dearer
                self._send(f"ALTER TABLE {new} ADD {definition}")

    def finish(self, target: Relation) -> None:
        """Give a table that is filled its indexes, and tell the planner what is in it."""
        self._send(";\n".join(filled_statements(target, self.storage)))

    def drop(self, relations: Iterable[tuple[Relation, str]]) -> None:
        """Drop relations given as (relation, "table" | "view"), if they exist, in whatever order."""
        listed = [relation for relation, _ in relations]
        statements = drop_statements(self, listed) if listed else ()
        if statements:
            self._send(";\n".join(statements))

    def python_session(self) -> object:
        """The connection, as a Python model's `session`."""
        return self._connection

    def table(self, relation: Relation) -> object:
        """A DuckDB relation with `.df()`, `.arrow()`, `.pl()` over the rows as they are now."""
        from dryland.engines.postgres_frames import frame_of

        return frame_of(self, relation)

    @property
    def database(self) -> str:
        """The one that it is connected to."""
        return str(self._connection.info.dbname)

    @property
    def connection(self) -> psycopg.Connection[Any]:
        """What the rest of this room copies rows through."""
        return self._connection

    def interrupt(self) -> None:
        """Stop the running statement; called from another thread, and again until it rests."""
        if self._connection.info.transaction_status == pq.TransactionStatus.ACTIVE:
            with suppress(psycopg.Error):  # no way in for a moment, or an end of it that nobody waited for
                self._connection.cancel_safe()

    @contextmanager
    def guarded(self, sql: str = "") -> Iterator[None]:
        """Turn the driver's errors into ours."""
        with self._guarded(sql):
            yield

    @property
    def _is_idle(self) -> bool:
        return self._connection.info.transaction_status == pq.TransactionStatus.IDLE

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """All of it or nothing, whether or not a transaction is open: within one, its end decides."""
        if self._is_idle:
            with self.transaction():
                yield
        else:
            yield

    def _otherwise(
        self, attempt: Callable[[], None], refusal: type[psycopg.Error], instead: Callable[[], None]
    ) -> None:
        """Do the one, or where PostgreSQL refuses it for this reason the other; an open transaction survives that."""
        with self._whole():
            self._send("SAVEPOINT dryland_attempt")
            try:
                attempt()
            except QueryError as error:
                self._send("ROLLBACK TO SAVEPOINT dryland_attempt")
                if not isinstance(error.__cause__, refusal):
                    raise
                instead()
            self._send("RELEASE SAVEPOINT dryland_attempt")

    def _first_of(self, sql: str, rows_max: int) -> Rows:
        """The first rows of an answer; what comes after them is not waited for."""
        found: list[tuple[Any, ...]] = []
        with self._guarded(sql), closing(self._connection.cursor()) as cursor:
            rows = cursor.stream(self.remark.on(sql))
            found.extend(islice(rows, rows_max))
            rows.close()  # type: ignore[attr-defined] # which cancels what is still running
            return Rows(tuple(each.name for each in cursor.description or ()), tuple(found))

    @contextmanager
    def _run(self, sql: str, *, before: str = "", after: str = "") -> Iterator[psycopg.Cursor[Any]]:
        """Send one statement, perhaps within words of ours; errors are told by the lines of the statement alone."""
        sent = self.remark.on(f"{before}{sql}{after}")
        ahead = sent[: sent.index(sql)] if sql else ""
        with timed("warehouse"), closing(self._connection.cursor()) as cursor:
            with self._guarded(sql, ahead):
                cursor.execute(sent)
            yield cursor

    def _send(self, sql: str) -> None:
        with self._run(sql):
            return

    @contextmanager
    def _guarded(self, sql: str, ahead: str = "") -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise explained(error, sql, sent_before=ahead, place=self._place, role=self._role) from error

    def _type_names(self, kinds: list[tuple[int, int]]) -> dict[tuple[int, int], str]:
        unknown = sorted(set(kinds) - self._types.keys())
        if unknown:
            values = ", ".join(f"({number}, {modifier})" for number, modifier in unknown)
            query = f"SELECT n, m, pg_catalog.format_type(n::oid, m) FROM (VALUES {values}) AS t(n, m)"
            self._types.update({(int(n), int(m)): name for n, m, name in self.fetch(query).rows})
        return self._types

    def _roll_back(self) -> None:
        if self._connection.closed or self._connection.info.transaction_status == pq.TransactionStatus.IDLE:
            return
        try:
            self._connection.execute("ROLLBACK")
        except psycopg.Error:  # the connection is gone, and the transaction with it
            return
