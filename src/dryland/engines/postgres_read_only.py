"""Answers a stranger's query in PostgreSQL: one SELECT, in a transaction that only reads, through a cursor.

PostgreSQL prepares one statement at a time, and declares cursors only for queries that change nothing, be it in a WITH.
With `pg_catalog` alone on the search path, no function and no operator of anybody's own can be meant by a bare name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dryland.engines.postgres_names import quoted
from dryland.engines.postgres_session import PostgresSession
from dryland.engines.read_only import Block, Bounds, timed_out
from dryland.engines.relation import Column

CURSOR = "dryland_reading"
LOCK_WAIT = "5s"  # a reader is not kept longer by somebody who changes what he reads


class PostgresStream:
    """The answer to one query, through a cursor."""

    def __init__(self, session: PostgresSession, columns: tuple[Column, ...], sql: str, bounds: Bounds) -> None:
        self._session, self._sql, self._bounds = session, sql, bounds
        self._columns = columns

    @property
    def columns(self) -> tuple[Column, ...]:
        """Names and types."""
        return self._columns

    def blocks(self) -> Iterator[Block]:
        """The rows, a block at a time."""
        with self._session.run(self._sql, before=f"DECLARE {CURSOR} NO SCROLL CURSOR FOR "):
            pass
        while rows := self._session.fetch(f"FETCH FORWARD {int(self._bounds.block_rows)} FROM {CURSOR}").rows:
            yield list(rows)

    def interrupt(self) -> None:
        """Stop the query."""
        self._session.interrupt()


@contextmanager
def reading(session: PostgresSession, sql: str, bounds: Bounds) -> Iterator[PostgresStream]:
    """The answer to one query, in a transaction that only reads and is undone."""
    with timed_out(bounds.timeout_s, session.interrupt), session.rehearsal(" READ ONLY"):
        for setting in _settings(bounds):
            session.send(f"SET LOCAL {setting}")
        yield PostgresStream(session, session.describe(sql), sql, bounds)


def _settings(bounds: Bounds) -> tuple[str, ...]:
    """What holds for this transaction; the role last, for it may not be allowed the others."""
    stop_ms = max(int(bounds.timeout_s * 1000), 1)
    role = (f"ROLE {quoted(bounds.role)}",) if bounds.role else ()
    return (
        f"statement_timeout = {stop_ms}", f"lock_timeout = '{LOCK_WAIT}'", "search_path = pg_catalog, pg_temp", *role,
    )  # fmt: skip
