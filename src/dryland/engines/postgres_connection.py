"""Talks to PostgreSQL over one connection: statements, answers, transactions, and errors in our words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import tzinfo
from itertools import islice
from typing import Any

import psycopg
from psycopg import generators, pq
from psycopg.pq.abc import PGresult

from dryland.engines.postgres_address import place_of
from dryland.engines.postgres_errors import explained
from dryland.engines.relation import Column, Storage
from dryland.engines.statement import Remark, Rows
from dryland.errors import QueryError
from dryland.timings import timed

ROLLING_BACK = re.compile(r"\s*(rollback|abort)\b(?!.*\bto\b)", re.IGNORECASE | re.DOTALL)
OF_TRANSACTIONS = re.compile(r"\s*(begin|start\s+transaction|commit|end|rollback|abort)\b(?!.*\bto\b)", re.IGNORECASE)


class PostgresConnection:
    """It commits each statement, unless a transaction is open."""

    def __init__(
        self, connection: psycopg.Connection[Any], settings: Mapping[str, Any], types: dict[tuple[int, int], str]
    ) -> None:  # fmt: skip
        self._connection = connection
        self.settings = settings
        self._place = place_of(settings)
        self._role = str(settings.get("role") or connection.info.user)
        self._types = types  # names of types by their number, which all sessions of a warehouse share
        self.remark = Remark()
        self.storage = Storage()

    @property
    def zone(self) -> tzinfo:
        """The time zone in which the session tells moments."""
        return self._connection.info.timezone

    def execute(self, sql: str) -> int:
        """Run one statement; return the rows it changed, or -1 when unknown."""
        with self.run(sql) as cursor:
            return int(cursor.rowcount)

    @timed("warehouse")
    def fetch(self, sql: str, *, rows_max: int | None = None) -> Rows:
        """Run one query and return its rows."""
        if rows_max is not None and self.is_idle:
            return self._first_of(sql, rows_max)
        with self.run(sql) as cursor:
            while cursor.nextset():  # of several statements the last one answers
                pass
            names = _names_in(cursor)
            if names is None:
                return Rows((), ())
            rows = cursor.fetchall() if rows_max is None else cursor.fetchmany(rows_max)
            return Rows(names, tuple(rows))

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
        self.send("BEGIN")
        try:
            yield
            if self._connection.info.transaction_status == pq.TransactionStatus.INERROR:
                raise QueryError("a statement of the transaction had failed before its end.")  # COMMIT would not tell
            self.send("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    @contextmanager
    def rehearsal(self, mode: str = "") -> Iterator[None]:
        """Undo what happens inside."""
        self.send(f"BEGIN{mode}")
        try:
            yield
        finally:
            self._roll_back()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Let what happens inside fail by itself: within a transaction only that is undone."""
        if self.is_idle:
            yield
            return
        self.send("SAVEPOINT dryland_part")
        try:
            yield
        except QueryError:
            self.send("ROLLBACK TO SAVEPOINT dryland_part")
            raise
        self.send("RELEASE SAVEPOINT dryland_part")

    @timed("warehouse")
    def describe(self, query: str) -> tuple[Column, ...]:
        """The columns of a query, without running it."""
        with self.guarded(query), self._connection.lock:
            pgconn = self._connection.pgconn
            pgconn.send_prepare(b"", query.encode())
            self._answered()
            pgconn.send_describe_prepared(b"")
            result = self._answered()
        kinds = [(result.ftype(at), result.fmod(at)) for at in range(result.nfields)]
        names = self._type_names(kinds)
        return tuple(
            Column((result.fname(at) or b"").decode(), names[kind]) for at, kind in enumerate(kinds)
        )  # fmt: skip

    def interrupt(self) -> None:
        """Stop the running statement; called from another thread."""
        if self._connection.info.transaction_status == pq.TransactionStatus.ACTIVE:
            with suppress(psycopg.Error):  # the connection was lost, and the statement with it
                self._connection.cancel_safe()

    @property
    def database(self) -> str:
        """The one that it is connected to."""
        return str(self._connection.info.dbname)

    @property
    def connection(self) -> psycopg.Connection[Any]:
        """What the rest of this room copies rows through."""
        return self._connection

    @property
    def is_idle(self) -> bool:
        """Whether no transaction is open."""
        return self._connection.info.transaction_status == pq.TransactionStatus.IDLE

    @contextmanager
    def guarded(self, sql: str = "", ahead: str = "") -> Iterator[None]:
        """Turn the driver's errors into ours, told by the lines of `sql`, before which we sent what is `ahead`."""
        try:
            yield
        except psycopg.Error as error:
            raise explained(error, sql, sent_before=ahead, place=self._place, role=self._role) from error

    @contextmanager
    def whole(self) -> Iterator[None]:
        """All of it or nothing, whether or not a transaction is open: within one, its end decides."""
        if self.is_idle:
            with self.transaction():
                yield
        else:
            yield

    def otherwise(self, attempt: Callable[[], None], refusal: type[psycopg.Error], instead: Callable[[], None]) -> None:
        """Do the one, or where PostgreSQL refuses it for this reason the other; an open transaction survives that."""
        with self.whole():
            try:
                with self.attempt():
                    attempt()
            except QueryError as error:
                if not isinstance(error.__cause__, refusal):
                    raise
                instead()

    def send(self, sql: str) -> None:
        """Run statements of which no answer is wanted."""
        with self.run(sql):
            return

    def _first_of(self, sql: str, rows_max: int) -> Rows:
        """The first rows of an answer; what comes after them is not waited for."""
        found: list[tuple[Any, ...]] = []
        with self.guarded(sql), closing(self._connection.cursor()) as cursor:
            rows = cursor.stream(self.remark.on(sql))
            found.extend(islice(rows, rows_max))
            rows.close()  # type: ignore[attr-defined] # which cancels what is still running
            return Rows(tuple(each.name for each in cursor.description or ()), tuple(found))

    @contextmanager
    def run(self, sql: str, *, before: str = "", after: str = "") -> Iterator[psycopg.Cursor[Any]]:
        """Send one statement, perhaps within words of ours; errors are told by the lines of the statement alone."""
        sent = self.remark.on(f"{before}{sql}{after}")
        ahead = sent[: sent.index(sql)] if sql else ""
        with timed("warehouse"):
            with self.guarded(sql, ahead):
                cursor = self._connection.cursor()  # refused when the connection was lost before
            with closing(cursor):
                with self.guarded(sql, ahead):
                    cursor.execute(sent)
                yield cursor

    def _answered(self) -> PGresult:
        """What the server says; waited for as psycopg does, which other threads can go on meanwhile."""
        result: PGresult = self._connection.wait(generators.execute(self._connection.pgconn))[-1]
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result, encoding="utf-8")
        return result

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


def _names_in(cursor: psycopg.Cursor[Any]) -> tuple[str, ...] | None:
    """The names of an answer's columns, None of no answer; `description` would make an object of each."""
    result = cursor.pgresult
    if result is None or result.status != pq.ExecStatus.TUPLES_OK:
        return None
    encoding = cursor.connection.info.encoding
    return tuple((result.fname(at) or b"").decode(encoding) for at in range(result.nfields))
